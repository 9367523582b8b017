"""Engine.IO por WebSocket: conexión directa, o relevo de un sondeo."""

import asyncio
import contextlib
from typing import Any

from mensajeria.consumers.engineio_canal import CIERRE_NORMAL, Canal
from mensajeria.consumers.engineio_http import Receive, Respuesta, Send
from mensajeria.consumers.protocolo_ws import Control
from mensajeria.transporte import engineio
from mensajeria.transporte.engineio import ErrorPaquete, Motivo
from mensajeria.transporte.engineio_sesion import RespuestaSonda


class SalidaWebSocket:
    """La salida de una sesión por WebSocket: una tarea que escribe mientras haya qué escribir.

    Una conexión quieta no tiene tarea de escritura; es la mayor parte de las conexiones.
    """

    __slots__ = ("_canal", "_control", "_despedida", "_escritor", "_send", "lectura")

    def __init__(self, canal: Canal, send: Send, control: Control | None = None) -> None:
        self.lectura: asyncio.Timeout | None = None
        self._control = control
        self._canal = canal
        self._send = send
        self._escritor: asyncio.Task[None] | None = None
        self._despedida = False

    def despertar(self) -> None:
        if self._escritor is None and not self._despedida and self._canal.sesion.hay_salida:
            self._escritor = asyncio.ensure_future(self._escribir())

    def abortar(self) -> None:
        """Deja de escribir y de leer. Puede que la escritura espere a quien nunca leerá."""
        if self._despedida:
            return
        escribiendo = self._escritor is not None
        self.perder()
        if escribiendo and self._control is not None:
            self._control.abortar()
        if self.lectura is not None:
            self.lectura.reschedule(self._canal.ahora())

    def perder(self) -> None:
        """El cliente cerró: no hay a quién escribir."""
        self._despedida = True
        if self._escritor is not None:
            self._escritor.cancel()

    async def terminar(self) -> None:
        """Espera a que se escriba lo que quede."""
        if self._escritor is not None:
            await asyncio.wait([self._escritor])

    async def _escribir(self) -> None:
        sesion = self._canal.sesion
        try:
            while (trama := sesion.tomar_trama()) is not None:
                await self._send(_mensaje(trama))
            if not self._canal.abierto:
                self._despedida = True
                await self._send({"type": "websocket.close", "code": self._canal.codigo_cierre})
                sesion.terminar()
                self._canal.atender_salida()
        except (OSError, RuntimeError):
            # Se fue entre tanto; según el servidor, la escritura lo dice de un modo u otro.
            self._despedida = True
            self._canal.perder(Motivo.TRANSPORTE)
        finally:
            # Sin esperas desde la última comprobación: nadie encola sin que se vea.
            self._escritor = None


async def atender(canal: Canal, salida: SalidaWebSocket, receive: Receive) -> None:
    """Lee del WebSocket de la sesión hasta que uno de los dos la termine."""
    with contextlib.suppress(TimeoutError):
        try:
            async with asyncio.timeout(None) as salida.lectura:
                await _leer(canal, receive)
                salida.lectura = None
            if not canal.abierto:
                await salida.terminar()
        finally:
            salida.lectura = None
            salida.perder()
            canal.perder(Motivo.TRANSPORTE)


async def _leer(canal: Canal, receive: Receive) -> None:
    while True:
        await canal.listo()
        trama = await siguiente_trama(receive)
        if trama is None:
            return
        try:
            await canal.procesar(canal.sesion.recibir_trama(trama, canal.ahora()))
        except ErrorPaquete as fallo:
            canal.rechazar(fallo)


async def relevar(
    canal: Canal, receive: Receive, send: Send, control: Control | None = None
) -> SalidaWebSocket | None:
    """Lleva la sonda y, si el cliente completa el ascenso, cambia la salida de la sesión.

    Devuelve la nueva salida; con ``None``, el WebSocket sobra y la sesión, si vive, sigue por
    sondeo.
    """
    if not canal.sesion.iniciar_ascenso(canal.ahora()):
        return None
    canal.atender_salida()
    ascendida = False
    with contextlib.suppress(OSError, RuntimeError):
        async with asyncio.timeout(None) as lectura:
            canal.lectura_sonda = lectura
            try:
                ascendida = await _sondear(canal, receive, send)
            finally:
                # Interrumpida ya no es la suya, y puede que otro WebSocket haya empezado.
                if canal.lectura_sonda is lectura:
                    canal.lectura_sonda = None
                    canal.sesion.cancelar_ascenso()
    if not ascendida:
        return None
    anterior, canal.salida = canal.salida, (salida := SalidaWebSocket(canal, send, control))
    anterior.despertar()
    canal.atender_salida()
    return salida


async def _sondear(canal: Canal, receive: Receive, send: Send) -> bool:
    while True:
        trama = await siguiente_trama(receive)
        if trama is None:
            return False
        respuesta = canal.sesion.recibir_sonda(trama, canal.ahora())
        if respuesta is not RespuestaSonda.CONTESTAR:
            return respuesta is RespuestaSonda.ASCENDER
        canal.atender_salida()
        canal.salida.despertar()
        await send(_mensaje(engineio.RESPUESTA_SONDA))


async def siguiente_trama(receive: Receive) -> str | bytes | None:
    """La siguiente trama; ``None`` si el cliente se fue."""
    evento = await receive()
    if evento["type"] != "websocket.receive":
        return None
    dato: bytes | None = evento.get("bytes")
    if dato is not None:
        return dato
    texto: str = evento["text"]
    return texto


async def cerrar(send: Send, codigo: int = CIERRE_NORMAL) -> None:
    """Cierra un WebSocket aceptado, si no lo cerró ya el cliente."""
    try:
        await send({"type": "websocket.close", "code": codigo})
    except (OSError, RuntimeError):
        return


async def denegar(scope: Any, receive: Receive, send: Send, respuesta: Respuesta) -> None:
    """Rechaza la apertura; con cuerpo si el servidor sabe darlo, y si no, con su 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    inicio = {
        "type": "websocket.http.response.start",
        "status": respuesta.estado,
        "headers": respuesta.cabeceras,
    }
    await send(inicio)
    await send({"type": "websocket.http.response.body", "body": respuesta.cuerpo.encode()})
    # uvicorn 0.54 da por fallida la aplicación que vuelve antes de que se pierda la conexión:
    # avisa una vez al escribir el rechazo y otra al perderla.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await receive()
            await receive()


def _mensaje(trama: str | bytes) -> dict[str, Any]:
    clave = "bytes" if isinstance(trama, bytes) else "text"
    return {"type": "websocket.send", clave: trama}
