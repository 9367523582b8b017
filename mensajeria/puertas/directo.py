"""Un WebSocket sin ASGI: lo que se envía es una escritura, y lo que llega, una llamada.

`mensajeria.puertas.uvicorn` lleva el saludo y cede la conexión. Lo que se envía a una en
una vuelta del bucle sale en una escritura: la llamada al sistema es dos tercios de lo que cuesta.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from typing import Any, Protocol

from mensajeria import metricas
from mensajeria.puertas import tramas
from mensajeria.puertas.cola import ColaDeSalida
from mensajeria.puertas.tramas import LectorDeTramas, Trama
from mensajeria.puertas.vuelta import de_este_bucle, vaciar

SIN_CIERRE = 1006  # nadie lo envió (RFC 6455, 7.4.1)
REINICIO = 1012  # «Service Restart» (RFC 6455): el cliente vuelve a conectar
# Lo que se espera a que salga lo pendiente, y luego a que el cliente conteste al cierre.
PLAZO_DE_CIERRE = 30.0
PLAZO_DE_RESPUESTA = 10.0
# Con esto por salir no se espera al final de la vuelta: que el transporte diga si admite más.
MAX_POR_VUELTA = 65_536


class Oyente(Protocol):
    """A quien un WebSocket lleva lo que le pasa; ninguna de estas llamadas espera."""

    def recibir(self, trama: str | bytes, /) -> None:
        """El cliente envió un mensaje."""

    def pong(self, carga: bytes, /) -> None:
        """Contestó a un ping."""

    def perdida(self) -> None:
        """Ya no se le puede enviar, ni se leerá de él; es la última llamada."""


class _Estado(enum.Enum):
    """ABIERTO; CERRANDO: falta que salga lo pendiente; CERRADO: salió el cierre, o se perdió."""

    ABIERTO = enum.auto()
    CERRANDO = enum.auto()
    CERRADO = enum.auto()


class WebSocketDirecto(asyncio.Protocol):
    """Escribe en el acto; lo que el transporte no admite espera en `cola`.

    No lee nada hasta que alguien lo pida. `vivas` son las conexiones que el servidor cierra al
    terminar (con `shutdown`); `ventana`, los bits con que se comprime, o cero; `libre`, si lo
    siguiente sale en el acto.
    """

    __slots__ = (
        "_cerrado_por",
        "_codigo",
        "_congestionado",
        "_estado",
        "_lector",
        "_oyente",
        "_pausado",
        "_perdido",
        "_plazo",
        "_por_salir",
        "_recibidas",
        "_vivas",
        "_vuelta",
        "cola",
        "libre",
        "saliendo",
        "transporte",
        "ventana",
    )

    def __init__(
        self,
        transporte: asyncio.Transport,
        lector: LectorDeTramas,
        vivas: set[Any],
        ventana: int = 0,
        recibido: bytes = b"",
    ) -> None:
        self.cola = ColaDeSalida()
        self.ventana = ventana
        self.transporte = transporte
        self._lector = lector
        self._vivas = vivas
        self._vuelta = de_este_bucle()
        self.saliendo: list[bytes] | None = None
        self._por_salir = 0
        self._oyente: Oyente | None = None
        self._estado = _Estado.ABIERTO
        # Con qué se cierra y quién lo hace; hasta entonces, nadie.
        self._codigo, self._cerrado_por = SIN_CIERRE, "nadie"
        self._congestionado = self._pausado = self._perdido = False
        # Abierto y con sitio en el transporte, nada queda en la cola: lo común, en una pregunta.
        self.libre = True
        self._plazo: asyncio.TimerHandle | None = None
        self._recibidas: list[Trama] | None = lector.leer(recibido) if recibido else None
        vivas.add(self)
        self._parar()

    # Enviar

    @property
    def cerrando(self) -> bool:
        return self._estado is not _Estado.ABIERTO

    @property
    def al_dia(self) -> bool:
        """Si todo lo puesto en la cola ha salido."""
        return not self.cola

    def escribir(self, trama: bytes) -> None:
        """Una trama ya hecha, delante de la cola: solo si está `libre`, o si es de control."""
        if self.saliendo is None:
            self.saliendo, self._por_salir = [trama], len(trama)
            con_algo = self._vuelta.con_algo
            if not con_algo:
                self._vuelta.empezar()
            con_algo.append(self)
        else:
            self.saliendo.append(trama)
            self._por_salir += len(trama)
        if self._por_salir > MAX_POR_VUELTA:
            self.vaciar()

    def vaciar(self) -> None:
        """Da al transporte lo escrito en esta vuelta."""
        vaciar((self,))

    @property
    def por_leer(self) -> int:
        por_salir = 0 if self.saliendo is None else self._por_salir
        return self.cola.ocupa + por_salir + self.transporte.get_write_buffer_size()

    def decir(self, mensaje: str | bytes) -> None:
        """Envía un mensaje detrás de lo que haya en la cola."""
        self.cola.poner(mensaje)
        self.despertar()

    def despertar(self) -> None:
        """Hay, o puede haber, algo que enviar."""
        if self._congestionado or self._estado is _Estado.CERRADO:
            return
        while (mensaje := self.cola.tomar()) is not None:
            self.escribir(tramas.de_mensaje(mensaje, self.ventana))
            if self._congestionado:
                return
        if self._estado is _Estado.CERRANDO:
            self._salir(tramas.de_cierre(self._codigo))
            self._cortar_en(PLAZO_DE_RESPUESTA)

    def pause_writing(self) -> None:
        self._congestionado, self.libre = True, False

    def resume_writing(self) -> None:
        self._congestionado, self.libre = False, self._estado is _Estado.ABIERTO
        self.despertar()

    # Cerrar

    def cerrar(self, codigo: int) -> None:
        """Cierra cuando haya salido lo ya puesto en la cola; a quien no lo lee se le corta."""
        if self._estado is _Estado.ABIERTO:
            self._estado, self.libre = _Estado.CERRANDO, False
            self._codigo, self._cerrado_por = codigo, "servidor"
            self._cortar_en(PLAZO_DE_CIERRE)
            self.despertar()

    def abortar(self) -> None:
        """Deja de enviar y de leer; a quien no lee lo pendiente se le corta."""
        if self._estado is not _Estado.CERRADO:
            self._estado, self.libre, self._cerrado_por = _Estado.CERRADO, False, "servidor"
            self._soltar()

    def romper(self, codigo: int, motivo: str = "") -> None:
        """Cierra sin esperar a lo pendiente ni a que el cliente conteste."""
        if self._estado is not _Estado.CERRADO:
            self._codigo, self._cerrado_por = codigo, "servidor"
            self._salir(tramas.de_cierre(codigo, motivo))
        self._soltar()

    def shutdown(self) -> None:
        """El servidor termina."""
        self.romper(REINICIO)

    def _cortar_en(self, segundos: float) -> None:
        if self._plazo is not None:
            self._plazo.cancel()
        bucle = asyncio.get_running_loop()
        self._plazo = bucle.call_later(segundos, self.transporte.abort)

    def _salir(self, cierre: bytes) -> None:
        """Escribe el cierre; lo que el cliente envíe ya no cuenta, salvo el suyo."""
        self._estado, self.libre = _Estado.CERRADO, False
        self.escribir(cierre)
        # Quien lo pidió está a medias de algo: lo sabe en otra vuelta.
        bucle = asyncio.get_running_loop()
        bucle.call_soon(self._perder)
        bucle.call_soon(self._seguir)

    def _soltar(self) -> None:
        self.vaciar()
        if self._congestionado or self.cola:
            self.transporte.abort()
        else:
            self._cortar_en(PLAZO_DE_RESPUESTA)
            self.transporte.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._estado, self.libre, self._congestionado = _Estado.CERRADO, False, False
        self.saliendo = None
        if self._plazo is not None:
            self._plazo.cancel()
        self._vivas.discard(self)
        metricas.CIERRES.labels(self._codigo, self._cerrado_por).inc()
        self._perder()

    def _perder(self) -> None:
        self._perdido = True
        oyente, self._oyente = self._oyente, None
        if oyente is not None:
            oyente.perdida()

    # Leer

    async def atender(self, oyente: Oyente) -> None:
        """Desde ahora se lo lleva todo a él; vuelve en el acto."""
        if self._perdido:
            oyente.perdida()
        else:
            self._oyente = oyente
            self._seguir_pronto()

    async def leer(self) -> str | bytes | None:
        """El siguiente mensaje, mientras nadie atiende; `None` si el cliente se fue."""
        uno = _Uno(self)
        await self.atender(uno)
        try:
            return await uno.mensaje
        finally:
            self.dejar_de_atender()

    async def terminar(self) -> None:
        """Lo pendiente sale solo."""

    def dejar_de_atender(self) -> None:
        self._oyente = None

    def sin_aplicacion(self) -> None:
        """La aplicación volvió: si nadie atiende, porque falló, no queda a medias."""
        if self._oyente is None and self._estado is _Estado.ABIERTO:
            self.abortar()

    def pausar(self) -> None:
        """Deja de leer."""
        self._pausado = True
        self._parar()

    def reanudar(self) -> None:
        """Vuelve a leer."""
        if self._pausado:
            self._pausado = False
            self._seguir_pronto()

    def data_received(self, datos: bytes) -> None:
        leidas = self._lector.leer(datos)
        if self._recibidas is not None:
            self._recibidas += leidas
        elif leidas:
            self._entregar(leidas)

    @property
    def _lee(self) -> bool:
        # Salido el cierre se lee hasta dar con el del cliente.
        return self._estado is _Estado.CERRADO or (self._oyente is not None and not self._pausado)

    def _entregar(self, leidas: list[Trama]) -> None:
        for i, (tipo, carga) in enumerate(leidas):
            if not self._lee:
                self._recibidas = leidas[i:]
                self._parar()
                return
            self._atender(tipo, carga)

    def _atender(self, tipo: int, carga: Any) -> None:
        if tipo in (tramas.CIERRE, tramas.FALLO):
            if self._codigo == SIN_CIERRE and self._estado is not _Estado.CERRADO:
                self._cerrado_por = "cliente" if tipo == tramas.CIERRE else "servidor"
                self._codigo = tramas.codigo_de_cierre(carga)
            self._terminado_por_el_cliente(tramas.hacer(tramas.CIERRE, carga))
        elif self._oyente is None or self._estado is _Estado.CERRADO:
            return
        elif tipo == tramas.PING:
            self.escribir(tramas.hacer(tramas.PONG, carga))
        elif tipo == tramas.PONG:
            self._oyente.pong(carga)
        else:
            self._oyente.recibir(carga)

    def _terminado_por_el_cliente(self, respuesta: bytes) -> None:
        """Cerró, contestó al cierre o envió lo que no se puede."""
        if self._estado is not _Estado.CERRADO:
            self._salir(respuesta)
        self._soltar()

    def _parar(self) -> None:
        with contextlib.suppress(RuntimeError):
            self.transporte.pause_reading()

    def _seguir_pronto(self) -> None:
        """En otra vuelta: quien llama puede estar atendiendo a lo leído antes."""
        asyncio.get_running_loop().call_soon(self._seguir)

    def _seguir(self) -> None:
        leidas, self._recibidas = self._recibidas, None
        if leidas:
            self._entregar(leidas)
        if self._recibidas is None and self._lee and not self.transporte.is_closing():
            self.transporte.resume_reading()


class _Uno:
    """Espera un mensaje, y con él deja de leer."""

    def __init__(self, ws: WebSocketDirecto) -> None:
        self._ws = ws
        self.mensaje: asyncio.Future[str | bytes | None]
        self.mensaje = asyncio.get_running_loop().create_future()

    def recibir(self, trama: str | bytes) -> None:
        self._ws.dejar_de_atender()
        self._dar(trama)

    def pong(self, carga: bytes) -> None: ...

    def perdida(self) -> None:
        self._dar(None)

    def _dar(self, mensaje: str | bytes | None) -> None:
        if not self.mensaje.done():
            self.mensaje.set_result(mensaje)
