"""Un canal une una sesión Engine.IO con quien la usa, y le da hora, temporizador y salida.

El canal vive en un solo bucle de eventos y ninguno de sus métodos síncronos espera: la aplicación
los llama cuando quiere. Quien mueve los bytes (`engineio_http`, `engineio_ws`) escribe la salida.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from urllib.parse import parse_qsl

from mensajeria.entre_procesos import aforo
from mensajeria.transporte.engineio import ErrorPaquete, Mensaje, Motivo
from mensajeria.transporte.engineio_sesion import (
    AscensoCancelado,
    CargaExcesiva,
    Cerrada,
    Estado,
    Evento,
    Latido,
    SesionEngineIO,
)

registro_log = logging.getLogger("mensajeria.transporte")

CIERRE_NORMAL = 1000
CIERRE_EXCESO = 1009


class InfoCliente:
    """Quién abrió la conexión, según su primera petición; se interpreta solo si se pregunta."""

    __slots__ = ("_cabeceras", "_consulta", "direccion")

    def __init__(self, scope: Any) -> None:
        self.direccion: str | None = scope["client"][0] if scope.get("client") else None
        self._cabeceras: list[tuple[bytes, bytes]] = scope["headers"]
        self._consulta: bytes = scope["query_string"]

    def exportar(self) -> dict[str, Any]:
        """Lo que otro proceso necesita para atender la petición en lugar de este."""
        return {
            "direccion": self.direccion or "",
            "cabeceras": [parte for par in self._cabeceras for parte in par],
            "consulta": self._consulta,
        }

    @classmethod
    def importar(cls, datos: dict[str, Any]) -> "InfoCliente":
        """Lo contrario de `exportar`."""
        partes = iter(datos["cabeceras"])
        scope = {
            "client": (datos["direccion"], 0),
            "headers": list(zip(partes, partes, strict=True)),
            "query_string": datos["consulta"],
        }
        return cls(scope)

    @property
    def cabeceras(self) -> dict[str, str]:
        """Cabeceras, con el nombre en minúsculas; de las repetidas, la última."""
        return {n.decode("latin-1"): v.decode("latin-1") for n, v in self._cabeceras}

    def cabecera(self, nombre: bytes) -> str | None:
        """Una cabecera, sin interpretar las demás."""
        for clave, valor in self._cabeceras:
            if clave == nombre:
                return valor.decode("latin-1")
        return None

    @property
    def consulta(self) -> dict[str, str]:
        """Parámetros de la consulta; de los repetidos, el último, como Node."""
        return dict(parse_qsl(self._consulta.decode("latin-1"), keep_blank_values=True))

    @property
    def origen(self) -> str | None:
        """La cabecera ``Origin``; un navegador siempre la envía, los demás clientes no."""
        return self.cabecera(b"origin")

    @property
    def agente(self) -> str:
        """La cabecera ``User-Agent``."""
        return self.cabecera(b"user-agent") or ""


class Receptor(Protocol):
    """Lo que va encima de Engine.IO; sus métodos no esperan."""

    def interpretar(self, mensajes: list[str | bytes]) -> list[Any]:
        """Lee todos los mensajes de una carga antes de entregar ninguno, o `ErrorPaquete`."""

    def entregar(self, paquete: Any) -> None:
        """Procesa un paquete de los interpretados, o `ErrorPaquete`; tras `cerrado`, nada."""

    def latido(self, confirmados: int) -> None:
        """Llegaron al cliente los ``confirmados`` primeros marcos de la sesión."""

    def cerrado(self, motivo: str) -> None:
        """La sesión terminó; no habrá más llamadas."""

    def proximo_vencimiento(self) -> float | None:
        """Cuándo hay que llamar a `vencer`."""

    def vencer(self, ahora: float) -> str | None:
        """El motivo por el que cerrar la sesión a esta hora."""


class Salida(Protocol):
    """Quien escribe lo que la sesión tiene pendiente."""

    def despertar(self) -> None:
        """Hay, o puede haber, algo que escribir."""

    def abortar(self) -> None:
        """La sesión terminó y no se espera a nadie."""


class RegistroCanales:
    """Los canales de este proceso, por sid.

    Un sid que no está aquí puede ser de otro proceso: quien reenvíe sondeos entre procesos
    pregunta por él en `obtener`.
    """

    def __init__(self) -> None:
        self._canales: dict[str, Canal] = {}

    def obtener(self, sid: str) -> "Canal | None":
        return self._canales.get(sid)

    def agregar(self, canal: "Canal") -> None:
        self._canales[canal.sesion.sid] = canal

    def quitar(self, canal: "Canal") -> None:
        if self._canales.pop(canal.sesion.sid, None) is not None:
            aforo.salir(aforo.de_direccion(canal.info.direccion or ""))

    def __iter__(self) -> "Iterator[Canal]":
        return iter(list(self._canales.values()))

    def __len__(self) -> int:
        return len(self._canales)


class Canal:
    """Una sesión en marcha."""

    __slots__ = (
        "_armado_para",
        "_bucle",
        "_fin",
        "_lectura",
        "_registro",
        "_temporizador",
        "codigo_cierre",
        "info",
        "lectura_post",
        "lectura_sonda",
        "receptor",
        "salida",
        "sesion",
    )

    receptor: Receptor
    salida: Salida

    def __init__(self, sesion: SesionEngineIO, info: InfoCliente, registro: RegistroCanales):
        self.sesion = sesion
        self.info = info
        self.codigo_cierre = CIERRE_NORMAL
        # Lecturas en curso que el fin de la sesión, o del ascenso, interrumpe con TimeoutError.
        self.lectura_post: asyncio.Timeout | None = None
        self.lectura_sonda: asyncio.Timeout | None = None
        self._registro = registro
        self._bucle = asyncio.get_running_loop()
        self._fin: asyncio.Future[None] | None = None
        self._lectura: asyncio.Future[None] | None = None
        self._temporizador: asyncio.TimerHandle | None = None
        self._armado_para = float("inf")

    def abrir(self, receptor: Receptor, salida: Salida) -> None:
        """Empieza a funcionar."""
        self.receptor, self.salida = receptor, salida
        self._registro.agregar(self)
        self._armar()

    @property
    def abierto(self) -> bool:
        return self.sesion.estado is Estado.ABIERTA

    def ahora(self) -> float:
        """La hora del bucle, que es la de la sesión."""
        return self._bucle.time()

    # Para la aplicación -------------------------------------------------------------------

    def enviar(self, marco: str | bytes) -> None:
        """Encola un marco; no espera ni falla."""
        if eventos := self.sesion.enviar(marco):
            self.despues(self.despachar, eventos)
        else:
            self.salida.despertar()

    def cerrar(self, motivo: str) -> None:
        """Termina la sesión una vez entregado lo encolado."""
        self.despues(self.despachar, self.sesion.cerrar(motivo, self.ahora()))

    def apagar(self, codigo: int) -> asyncio.Future[None]:
        """Como `cerrar`, con el código de cierre ``codigo``; el futuro es el fin de la sesión.

        Si no queda nada por entregar, no se espera a que venga otro sondeo.
        """
        self.codigo_cierre = codigo
        self._fin = self._bucle.create_future()
        terminar = self.sesion.cerrar if self.sesion.hay_salida else self.sesion.romper
        self.despues(self.despachar, terminar(Motivo.APAGADO, self.ahora()))
        return self._fin

    def pausar(self) -> None:
        """Deja de leer de este cliente: la aplicación no da abasto."""
        if self._lectura is None and self.abierto:
            self._lectura = self._bucle.create_future()
            self.sesion.lectura_en_pausa = True

    def reanudar(self) -> None:
        """Vuelve a leer."""
        if self._lectura is not None:
            self._lectura.set_result(None)
            self._lectura = None
            self.sesion.lectura_en_pausa = False

    # Para quien mueve los bytes -----------------------------------------------------------

    async def listo(self) -> None:
        """Espera mientras la aplicación haya pausado la lectura."""
        while self._lectura is not None:
            await asyncio.shield(self._lectura)

    async def procesar(self, eventos: list[Evento]) -> None:
        """Entrega a la aplicación lo que llegó, en orden y a su ritmo; puede `ErrorPaquete`."""
        mensajes = [evento.dato for evento in eventos if isinstance(evento, Mensaje)]
        try:
            for paquete in self.receptor.interpretar(mensajes) if mensajes else ():
                await self.listo()
                self.receptor.entregar(paquete)
        finally:
            # También tras un error: la misma carga puede traer el cierre, que se avisa una vez.
            self.despachar(eventos)

    def despachar(self, eventos: list[Evento]) -> None:
        """Avisa de lo que no son mensajes y deja armado el siguiente vencimiento."""
        for evento in eventos:
            if isinstance(evento, Latido):
                self.receptor.latido(evento.confirmados)
            elif isinstance(evento, AscensoCancelado):
                lectura, self.lectura_sonda = self.lectura_sonda, None
                self._interrumpir(lectura)
            elif isinstance(evento, Cerrada):
                self._interrumpir(self.lectura_post)
                self.reanudar()
                self.receptor.cerrado(evento.motivo)
        self.atender_salida()

    def rechazar(self, error: ErrorPaquete) -> None:
        """El cliente no respeta el protocolo: su sesión termina."""
        exceso = isinstance(error, CargaExcesiva)
        if exceso:
            self.codigo_cierre = CIERRE_EXCESO
        motivo = Motivo.EXCESO if exceso else Motivo.MALFORMADO
        self.despachar(self.sesion.romper(motivo, self.ahora()))

    def perder(self, motivo: str) -> None:
        """El transporte desapareció."""
        self.despachar(self.sesion.abortar(motivo))

    def atender_salida(self) -> None:
        """Tras un cambio de la sesión: escribir lo pendiente y armar el temporizador."""
        if self.sesion.estado is Estado.CERRADA:
            self._registro.quitar(self)
            self.salida.abortar()
            if self._fin is not None and not self._fin.done():
                self._fin.set_result(None)
        if self.sesion.hay_salida:
            self.salida.despertar()
        self._armar()

    def poner_al_dia(self) -> None:
        """Hace lo que ya tocaba, si el temporizador va con retraso."""
        proximo = self.sesion.proximo_vencimiento()
        if proximo is not None and self.ahora() >= proximo:
            self.vencer()

    def vencer(self) -> None:
        """Hace lo que toca a esta hora."""
        self._desarmar()
        ahora = self.ahora()
        eventos = self.sesion.vencer(ahora)
        if self.abierto and (motivo := self.receptor.vencer(ahora)):
            eventos += self.sesion.cerrar(motivo, ahora)
        self.despachar(eventos)
        self.salida.despertar()

    def _interrumpir(self, lectura: asyncio.Timeout | None) -> None:
        if lectura is not None:
            lectura.reschedule(self.ahora())

    def _armar(self) -> None:
        """Un temporizador por canal, que solo se cambia por otro más temprano."""
        proximo = self.sesion.proximo_vencimiento()
        if proximo is None:
            self._desarmar()
            return
        if self.abierto:
            del_receptor = self.receptor.proximo_vencimiento()
            if del_receptor is not None and del_receptor < proximo:
                proximo = del_receptor
        if proximo < self._armado_para:
            self._desarmar()
            self._armado_para = proximo
            self._temporizador = self._bucle.call_at(proximo, self.vencer)

    def _desarmar(self) -> None:
        if self._temporizador is not None:
            self._temporizador.cancel()
        self._temporizador = None
        self._armado_para = float("inf")

    def despues(self, funcion: Callable[..., None], *argumentos: Any) -> None:
        """Lo causó la aplicación: se le avisa en otra vuelta, no dentro de su propia llamada."""
        self._bucle.call_soon(funcion, *argumentos)
