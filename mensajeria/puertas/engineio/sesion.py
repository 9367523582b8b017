"""Una sesión Engine.IO en marcha: su máquina, con hora, temporizador y transporte.

Vive en un solo bucle de eventos y ninguno de sus métodos síncronos espera: la aplicación los llama
cuando quiere. Los bytes los mueve su transporte, que cambia cuando un WebSocket releva al sondeo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from mensajeria import metricas
from mensajeria.puertas.compuerta import Compuerta
from mensajeria.puertas.directo import WebSocketDirecto
from mensajeria.puertas.engineio.maquina import (
    AscensoCancelado,
    CargaExcesiva,
    Cerrada,
    EstadoDeSesion,
    EventoEngineIO,
    MaquinaEngineIO,
    PingContestado,
    PingEnviado,
)
from mensajeria.puertas.engineio.paquetes import ErrorPaquete, MensajeRecibido, MotivoDeCierre
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.websocket import CIERRE_EXCESO, CIERRE_NORMAL, WebSocket


class ClienteEngineIO(Protocol):
    """Lo que va encima de una sesión; sus métodos no esperan."""

    def interpretar(self, mensajes: list[str | bytes]) -> list[Any]:
        """Lee todos los mensajes de una carga antes de entregar ninguno, o `ErrorPaquete`."""

    def entregar(self, paquete: Any) -> None:
        """Procesa un paquete de los interpretados, o `ErrorPaquete`; tras `cerrado`, nada."""

    def ping_enviado(self) -> None:
        """Sale un ping, detrás de todo lo enviado hasta ahora."""

    def ping_contestado(self) -> None:
        """El cliente contestó al último."""

    def cerrado(self, motivo: str) -> None:
        """La sesión terminó; no habrá más llamadas."""

    def proximo_vencimiento(self) -> float | None:
        """Cuándo hay que llamar a `vencer`."""

    def vencer(self, ahora: float) -> str | None:
        """El motivo por el que cerrar la sesión a esta hora."""


class TransporteEngineIO(Protocol):
    """Quien envía lo que la sesión tiene pendiente: `Sondeo`, o un WebSocket."""

    def despertar(self) -> None:
        """Hay, o puede haber, algo que enviar."""

    def cerrar(self, codigo: int) -> None:
        """La sesión terminó: se cierra cuando haya salido lo pendiente."""

    def abortar(self) -> None:
        """La sesión terminó y no se espera a nadie."""

    def pausar(self) -> None:
        """Deja de leer, si lee por su cuenta."""

    def reanudar(self) -> None:
        """Vuelve a leer."""


class SesionEngineIO:
    """`al_terminar` se llama cuando ya no queda nada que hacer por ella."""

    __slots__ = (
        "_al_terminar",
        "_armado_para",
        "_bucle",
        "_compuerta",
        "_fin",
        "_temporizador",
        "cliente",
        "codigo_cierre",
        "directo",
        "lectura_post",
        "lectura_sonda",
        "maquina",
        "quien",
        "transporte",
    )

    cliente: ClienteEngineIO
    transporte: TransporteEngineIO
    # El mismo, si es un WebSocket: mientras esté `libre` no hace falta pasar por la cola.
    directo: WebSocketDirecto | None

    def __init__(
        self,
        maquina: MaquinaEngineIO,
        quien: QuienLlama,
        al_terminar: Callable[[SesionEngineIO], None],
    ) -> None:
        self.maquina = maquina
        self.quien = quien
        self.codigo_cierre = CIERRE_NORMAL
        # Lecturas en curso que el fin de la sesión, o del ascenso, interrumpe con TimeoutError.
        self.lectura_post: asyncio.Timeout | None = None
        self.lectura_sonda: asyncio.Timeout | None = None
        self._al_terminar = al_terminar
        self._bucle = asyncio.get_running_loop()
        self._compuerta = Compuerta()
        self._fin: asyncio.Future[None] | None = None
        self._temporizador: asyncio.TimerHandle | None = None
        self._armado_para = float("inf")

    def abrir(self, cliente: ClienteEngineIO, transporte: TransporteEngineIO) -> None:
        """Empieza a funcionar."""
        self.cliente = cliente
        self._mover_a(transporte)
        self._armar()

    def ascender(self, ws: WebSocketDirecto | WebSocket) -> None:
        """El WebSocket que la sondeaba es desde ahora su transporte."""
        anterior = self.transporte
        self._mover_a(ws)
        ws.cola = self.maquina.cola
        if self.maquina.lectura_en_pausa:
            ws.pausar()
        anterior.despertar()
        self.atender_salida()

    def _mover_a(self, transporte: TransporteEngineIO) -> None:
        self.transporte = transporte
        self.directo = transporte if isinstance(transporte, WebSocketDirecto) else None

    @property
    def abierta(self) -> bool:
        return self.maquina.estado is EstadoDeSesion.ABIERTA

    def ahora(self) -> float:
        """La hora del bucle, que es la de la máquina."""
        return self._bucle.time()

    # Para quien va encima -----------------------------------------------------------------

    def enviar(self, marco: str | bytes) -> None:
        """Encola un marco; no espera ni falla."""
        if eventos := self.maquina.enviar(marco):
            self.despues(self.despachar, eventos)
        else:
            self.transporte.despertar()

    def latir(self) -> None:
        """Envía ya el ping que tocaría más tarde, si puede."""
        self.despachar(self.maquina.latir(self.ahora()))

    def cerrar(self, motivo: str) -> None:
        """Termina la sesión una vez entregado lo encolado."""
        self.despues(self.despachar, self.maquina.cerrar(motivo, self.ahora()))

    def apagar(self, codigo: int) -> asyncio.Future[None]:
        """Como `cerrar`, con el código de cierre `codigo`; el futuro es el fin de la sesión.

        Si no queda nada por entregar, no se espera a que venga otro sondeo.
        """
        self.codigo_cierre = codigo
        self._fin = self._bucle.create_future()
        terminar = self.maquina.cerrar if self.maquina.hay_salida else self.maquina.romper
        self.despues(self.despachar, terminar(MotivoDeCierre.APAGADO, self.ahora()))
        return self._fin

    def pausar(self) -> None:
        """Deja de leer de este cliente: la aplicación no da abasto."""
        if self.abierta:
            self._compuerta.cerrar()
            self.transporte.pausar()
            self.maquina.lectura_en_pausa = True

    def reanudar(self) -> None:
        """Vuelve a leer."""
        self._compuerta.abrir()
        self.transporte.reanudar()
        self.maquina.lectura_en_pausa = False

    # Para quien mueve los bytes -----------------------------------------------------------

    def recibir(self, trama: str | bytes) -> None:
        """Llegó una trama por su WebSocket: lleva un mensaje como mucho."""
        try:
            eventos = self.maquina.recibir_trama(trama, self.ahora())
            try:
                for paquete in self._interpretar(eventos):
                    self.cliente.entregar(paquete)
            finally:
                self.despachar(eventos)
        except ErrorPaquete as fallo:
            self.rechazar(fallo)

    def pong(self, carga: bytes) -> None:
        """No envía pings de WebSocket: su latido es el de Engine.IO."""

    def perdida(self) -> None:
        self.perder(MotivoDeCierre.TRANSPORTE)

    async def lista(self) -> None:
        """Espera mientras la aplicación haya pausado la lectura."""
        await self._compuerta.abierta()

    async def procesar(self, eventos: list[EventoEngineIO]) -> None:
        """Entrega a la aplicación lo que llegó, en orden y a su ritmo; puede `ErrorPaquete`."""
        try:
            for paquete in self._interpretar(eventos):
                await self.lista()
                self.cliente.entregar(paquete)
        finally:
            # También tras un error: la misma carga puede traer el cierre, que se avisa una vez.
            self.despachar(eventos)

    def _interpretar(self, eventos: list[EventoEngineIO]) -> list[Any]:
        mensajes = [evento.dato for evento in eventos if isinstance(evento, MensajeRecibido)]
        return self.cliente.interpretar(mensajes) if mensajes else []

    def despachar(self, eventos: list[EventoEngineIO]) -> None:
        """Avisa de lo que no son mensajes y deja armado el siguiente vencimiento."""
        for evento in eventos:
            if isinstance(evento, MensajeRecibido):
                continue
            if isinstance(evento, PingEnviado):
                self.cliente.ping_enviado()
            elif isinstance(evento, PingContestado):
                self.cliente.ping_contestado()
            elif isinstance(evento, AscensoCancelado):
                lectura, self.lectura_sonda = self.lectura_sonda, None
                self._interrumpir(lectura)
            elif isinstance(evento, Cerrada):
                metricas.SESIONES_TERMINADAS.labels(evento.motivo).inc()
                self._interrumpir(self.lectura_post)
                self.reanudar()
                self.cliente.cerrado(evento.motivo)
        self.atender_salida()

    def romper(self, motivo: str) -> None:
        """Termina entregando lo encolado solo a quien ya lo espera."""
        self.despachar(self.maquina.romper(motivo, self.ahora()))

    def rechazar(self, error: ErrorPaquete) -> None:
        """El cliente no respeta el protocolo: su sesión termina."""
        exceso = isinstance(error, CargaExcesiva)
        if exceso:
            self.codigo_cierre = CIERRE_EXCESO
        self.romper(MotivoDeCierre.EXCESO if exceso else MotivoDeCierre.MALFORMADO)

    def perder(self, motivo: str) -> None:
        """El transporte desapareció."""
        self.despachar(self.maquina.abortar(motivo))

    def atender_salida(self) -> None:
        """Tras un cambio de la máquina: enviar lo pendiente y armar el temporizador."""
        if self.maquina.estado is EstadoDeSesion.CERRADA:
            self._al_terminar(self)
            self.transporte.abortar()
            if self._fin is not None and not self._fin.done():
                self._fin.set_result(None)
        elif not self.abierta:
            self.transporte.cerrar(self.codigo_cierre)
        elif self.maquina.hay_salida:
            self.transporte.despertar()
        self._armar()

    # El tiempo ----------------------------------------------------------------------------

    def poner_al_dia(self) -> None:
        """Hace lo que ya tocaba, si el temporizador va con retraso."""
        proximo = self.maquina.proximo_vencimiento()
        if proximo is not None and self.ahora() >= proximo:
            self._vencer()

    def _vencer(self) -> None:
        """Hace lo que toca a esta hora."""
        self._desarmar()
        ahora = self.ahora()
        eventos = self.maquina.vencer(ahora)
        if self.abierta and (motivo := self.cliente.vencer(ahora)):
            eventos += self.maquina.cerrar(motivo, ahora)
        self.despachar(eventos)
        self.transporte.despertar()

    def _interrumpir(self, lectura: asyncio.Timeout | None) -> None:
        if lectura is not None:
            lectura.reschedule(self.ahora())

    def _armar(self) -> None:
        """Un temporizador por sesión, que solo se cambia por otro más temprano."""
        proximo = self.maquina.proximo_vencimiento()
        if proximo is None:
            self._desarmar()
            return
        if self.abierta:
            del_cliente = self.cliente.proximo_vencimiento()
            if del_cliente is not None and del_cliente < proximo:
                proximo = del_cliente
        if proximo < self._armado_para:
            self._desarmar()
            self._armado_para = proximo
            self._temporizador = self._bucle.call_at(proximo, self._vencer)

    def _desarmar(self) -> None:
        if self._temporizador is not None:
            self._temporizador.cancel()
        self._temporizador = None
        self._armado_para = float("inf")

    def despues(self, funcion: Callable[..., None], *argumentos: Any) -> None:
        """Lo causó la aplicación: se le avisa en otra vuelta, no dentro de su propia llamada."""
        self._bucle.call_soon(funcion, *argumentos)
