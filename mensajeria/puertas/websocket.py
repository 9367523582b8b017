"""Un WebSocket, sea cual sea su puerta: lee tramas, y envía las de una cola.

Su saludo lo lleva la puerta; desde que hay un `WebSocket`, todo sale por él.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from mensajeria.puertas.asgi import Receive, Send, cerrar, mensaje_de_trama, siguiente_trama
from mensajeria.puertas.cola import ColaDeSalida
from mensajeria.puertas.uvicorn import Control

registro = logging.getLogger("mensajeria.puertas")

CIERRE_NORMAL = 1000
CIERRE_EXCESO = 1009
CIERRE_INTERNO = 1011
REINICIO = 1012  # «Service Restart» (RFC 6455): el cliente vuelve a conectar
INTENTAR_LUEGO = 1013
# Lo que se espera a que salga lo pendiente: cuando ya no se lee más, y en cualquier caso.
SEGUNDOS_PARA_CERRAR = 5.0
PLAZO_DE_CIERRE = 30.0


def _nada(_: bool) -> None:
    pass


class WebSocket:
    """Envía lo que haya en `cola` con una tarea, que nace con lo primero que haya que enviar.

    Entre una trama y otra espera, sin acabar: una tarea nueva por trama costaría 4 µs más.
    `al_terminar` se llama una vez: con `True` si salió el cierre, con `False` si no se pudo enviar.
    """

    __slots__ = (
        "_al_terminar",
        "_codigo",
        "_cola",
        "_control",
        "_espera",
        "_lectura",
        "_plazo",
        "_receive",
        "_salida",
        "_send",
        "_terminado",
    )

    def __init__(
        self,
        receive: Receive,
        send: Send,
        cola: ColaDeSalida,
        control: Control | None = None,
        al_terminar: Callable[[bool], None] = _nada,
    ) -> None:
        self._receive = receive
        self._send = send
        self._cola = cola
        # Con daphne no hay: a quien no lee se le deja de enviar, pero nadie corta de golpe.
        self._control = control
        self._al_terminar = al_terminar
        self._codigo: int | None = None
        self._terminado = False
        self._salida: asyncio.Task[None] | None = None
        # El descanso de la tarea de salida, mientras no tiene qué enviar.
        self._espera: asyncio.Future[None] | None = None
        self._lectura: asyncio.Timeout | None = None
        self._plazo: asyncio.TimerHandle | None = None

    @property
    def cerrando(self) -> bool:
        """Si ya está cerrado, o lo estará en cuanto salga lo pendiente."""
        return self._codigo is not None or self._terminado

    @property
    def al_dia(self) -> bool:
        """Si todo lo puesto en la cola ha salido."""
        return not self._cola and not self._enviando

    @property
    def _enviando(self) -> bool:
        return self._salida is not None and self._espera is None

    # Enviar

    def despertar(self) -> None:
        """Hay, o puede haber, algo que enviar."""
        espera = self._espera
        if espera is None and self._salida is not None:
            return  # está enviando, y mirará la cola antes de descansar
        if self._terminado or (self._codigo is None and not self._cola):
            return
        if espera is None:
            self._salida = asyncio.ensure_future(self._enviar())
        else:
            self._espera = None
            espera.set_result(None)

    def cerrar(self, codigo: int) -> None:
        """Cierra cuando haya salido lo ya puesto en la cola; a quien no lo lee se le corta."""
        self._codigo = codigo
        if self._plazo is None:
            self._plazo = asyncio.get_running_loop().call_later(PLAZO_DE_CIERRE, self.abortar)
        self.despertar()

    def abortar(self) -> None:
        """Deja de enviar y de leer. Puede que el envío espere a quien nunca leerá."""
        enviando = self._enviando
        if self._terminado and not enviando:
            return
        self._dejar_de_enviar()
        if enviando and self._control is not None:
            self._control.abortar()
        self._dejar_de_leer()

    async def terminar(self) -> None:
        """Espera, hasta un plazo, a que salga lo pendiente; lo que no, se pierde."""
        if self._salida is not None:
            await asyncio.wait([self._salida], timeout=SEGUNDOS_PARA_CERRAR)
        self._dejar_de_enviar()

    async def _enviar(self) -> None:
        try:
            codigo = await self._enviar_la_cola()
            self._terminado = True
            await self._send({"type": "websocket.close", "code": codigo})
            self._acabar(True)
        except (OSError, RuntimeError):
            # Se fue entre tanto; según el servidor, el envío lo dice de un modo u otro.
            self._acabar(False)
        except Exception:
            # Un defecto: que se vea aquí y allí, y que la conexión no siga con un hueco.
            registro.exception("No se pudo enviar una trama")
            self._acabar(False)
            with contextlib.suppress(Exception):
                await cerrar(self._send, CIERRE_INTERNO)
        finally:
            self._salida = None

    def _acabar(self, salio_el_cierre: bool) -> None:
        self._terminado = True
        self._sin_plazo()
        self._al_terminar(salio_el_cierre)
        self._dejar_de_leer()

    async def _enviar_la_cola(self) -> int:
        """Vuelve con el código de cierre, una vez pedido y enviado todo lo anterior."""
        while True:
            while (trama := self._cola.tomar()) is not None:
                await self._send(mensaje_de_trama(trama))
            if self._codigo is not None:
                return self._codigo
            # Sin esperas desde la última comprobación: nadie encola sin que se vea.
            self._espera = asyncio.get_running_loop().create_future()
            await self._espera

    def _sin_plazo(self) -> None:
        if self._plazo is not None:
            self._plazo.cancel()

    def _dejar_de_enviar(self) -> None:
        self._terminado = True
        self._sin_plazo()
        if self._salida is not None:
            self._salida.cancel()

    # Leer

    async def leer(self) -> str | bytes | None:
        """La siguiente trama; `None` si el cliente se fue."""
        return await siguiente_trama(self._receive)

    async def atender(self, leer: Callable[[], Awaitable[None]]) -> None:
        """Lo que dura la conexión: hasta que `leer` acabe, o se envíe el cierre."""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None) as self._lectura:
                    try:
                        await leer()
                    finally:
                        self._lectura = None
            if self.cerrando:
                await self.terminar()
        finally:
            self._dejar_de_enviar()

    def _dejar_de_leer(self) -> None:
        if self._lectura is not None:
            self._lectura.reschedule(asyncio.get_running_loop().time())
