"""Un WebSocket, sea cual sea su puerta: lee tramas, y envía las de una cola.

Su saludo lo lleva la puerta; desde que hay uno, todo pasa por él. Con uvicorn es un
`WebSocketDirecto`; el de aquí, el de los servidores que solo saben ASGI, y el de un túnel.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from mensajeria.puertas.asgi import Receive, Scope, Send, cerrar, mensaje_de_trama, siguiente_trama
from mensajeria.puertas.cola import ColaDeSalida
from mensajeria.puertas.compuerta import Compuerta
from mensajeria.puertas.directo import PLAZO_DE_CIERRE, Oyente, WebSocketDirecto

registro = logging.getLogger("mensajeria.puertas")

# Lo que un servidor da para tomar sus WebSockets ya aceptados: una función sin argumentos.
CEDER = "mensajeria.ceder"

CIERRE_NORMAL = 1000
CIERRE_EXCESO = 1009
CIERRE_INTERNO = 1011
INTENTAR_LUEGO = 1013
# Lo que se espera a que salga lo pendiente cuando ya no se lee más.
SEGUNDOS_PARA_CERRAR = 5.0


def tomar(scope: Scope, receive: Receive, send: Send) -> WebSocketDirecto | WebSocket:
    """El que se acaba de aceptar, en la misma vuelta del bucle."""
    ceder = scope.get("extensions", {}).get(CEDER)
    ws: WebSocketDirecto | WebSocket = WebSocket(receive, send) if ceder is None else ceder()
    return ws


class WebSocket:
    """Envía lo que haya en `cola` con una tarea, que nace con lo primero que haya que enviar.

    Entre una trama y otra espera, sin acabar: una tarea nueva por trama costaría 4 µs más.
    """

    __slots__ = (
        "_codigo",
        "_compuerta",
        "_espera",
        "_lectura",
        "_plazo",
        "_receive",
        "_salida",
        "_send",
        "_terminado",
        "cola",
    )

    def __init__(self, receive: Receive, send: Send) -> None:
        self.cola = ColaDeSalida()
        self._receive = receive
        self._send = send
        self._compuerta = Compuerta()
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

    # Enviar

    def decir(self, trama: str | bytes) -> None:
        """Envía una trama detrás de lo que haya en la cola."""
        self.cola.poner(trama)
        self.despertar()

    def despertar(self) -> None:
        """Hay, o puede haber, algo que enviar."""
        espera = self._espera
        if espera is None and self._salida is not None:
            return  # está enviando, y mirará la cola antes de descansar
        if self._terminado or (self._codigo is None and not self.cola):
            return
        if espera is None:
            self._salida = asyncio.ensure_future(self._enviar())
        else:
            self._espera = None
            espera.set_result(None)

    def cerrar(self, codigo: int) -> None:
        """Cierra cuando haya salido lo ya puesto en la cola; a quien no lo lee no se le espera."""
        self._codigo = codigo
        if self._plazo is None:
            self._plazo = asyncio.get_running_loop().call_later(PLAZO_DE_CIERRE, self.abortar)
        self.despertar()

    def abortar(self) -> None:
        """Deja de enviar y de leer. Puede que el envío espere a quien nunca leerá."""
        if not self._terminado or self._salida is not None:
            self._dejar_de_enviar()
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
        except (OSError, RuntimeError):
            pass  # se fue entre tanto; según el servidor, el envío lo dice de un modo u otro
        except Exception:
            # Un defecto: que se vea aquí y allí, y que la conexión no siga con un hueco.
            registro.exception("No se pudo enviar una trama")
            self._terminado = True
            await cerrar(self._send, CIERRE_INTERNO)
        finally:
            self._salida = None
            self._dejar_de_enviar()
            self._dejar_de_leer()

    async def _enviar_la_cola(self) -> int:
        """Vuelve con el código de cierre, una vez pedido y enviado todo lo anterior."""
        while True:
            while (trama := self.cola.tomar()) is not None:
                await self._send(mensaje_de_trama(trama))
            if self._codigo is not None:
                return self._codigo
            # Sin esperas desde la última comprobación: nadie encola sin que se vea.
            self._espera = asyncio.get_running_loop().create_future()
            await self._espera

    def _dejar_de_enviar(self) -> None:
        self._terminado = True
        if self._plazo is not None:
            self._plazo.cancel()
        if self._salida is not None:
            self._salida.cancel()

    # Leer

    async def leer(self) -> str | bytes | None:
        """La siguiente trama; `None` si el cliente se fue, o si ya no se lee."""
        if self._terminado:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as self._lectura:
                try:
                    await self._compuerta.abierta()
                    trama = await siguiente_trama(self._receive)
                    if trama is not None:
                        await self._compuerta.abierta()
                    return trama
                finally:
                    self._lectura = None
        return None

    async def atender(self, oyente: Oyente) -> None:
        """Le lleva lo que llegue mientras dura la conexión, y vuelve con ella terminada."""
        try:
            while (trama := await self.leer()) is not None:
                oyente.recibir(trama)
            if self.cerrando:
                await self.terminar()
        finally:
            self._dejar_de_enviar()
            oyente.perdida()

    def pausar(self) -> None:
        """Deja de leer."""
        self._compuerta.cerrar()

    def reanudar(self) -> None:
        """Vuelve a leer."""
        self._compuerta.abrir()

    def _dejar_de_leer(self) -> None:
        if self._lectura is not None:
            self._lectura.reschedule(asyncio.get_running_loop().time())
