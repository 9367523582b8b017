"""Engine.IO sin afinidad: lo que llega a un proceso y es de la sesión de otro.

El sid lleva el nombre del proceso que sostiene la sesión. Un sondeo o un POST viajan por un túnel
hasta él y la respuesta vuelve; un WebSocket que releva a un sondeo queda en el proceso al que
llegó, que solo mueve tramas. Lo que cuesta: docs/varios-procesos.md.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from mensajeria.consumers import engineio_http as http
from mensajeria.consumers import engineio_ws as ws
from mensajeria.consumers.engineio_canal import InfoCliente
from mensajeria.consumers.tunel import PLAZO, Dato, Tunel, Tuneles, TunelRoto
from mensajeria.entre_procesos import proceso
from mensajeria.transporte.engineio import CodigoError, ErrorPaquete, Motivo

if TYPE_CHECKING:
    from mensajeria.consumers.engineio import PuertaEngineIO


def dueno_de(sid: str) -> str | None:
    """El proceso que abrió la sesión, si lo dice el sid y no es este."""
    _, punto, nombre = sid.rpartition(".")
    return nombre if punto and nombre != proceso.este() else None


class Desvio:
    """Los dos lados: lo que se envía a otros procesos y lo que se atiende por ellos."""

    def __init__(self, puerta: PuertaEngineIO) -> None:
        self._puerta = puerta
        self.tuneles = Tuneles(self._atender)

    # Aquí llegó la petición -----------------------------------------------------------------

    async def por_http(
        self, otro: str, info: InfoCliente, metodo: str, receive: http.Receive
    ) -> http.Respuesta:
        cuerpo = b""
        if metodo == "POST":
            maximo = self._puerta.ajustes.carga_maxima
            try:
                cuerpo = await http.CuerpoASGI(info, receive).leer(maximo)
            except http.CuerpoExcesivo:
                return http.Respuesta(413, cerrar=True)
            except http.CuerpoIncompleto:
                return http.error(CodigoError.PETICION_INCORRECTA)
            except ErrorPaquete:
                cuerpo = b""  # lo rechazará, por la misma cabecera, quien tiene la sesión
        try:
            tunel = await self.tuneles.abrir(
                otro, {**info.exportar(), "metodo": metodo, "cuerpo": cuerpo}
            )
            await tunel.recibir(PLAZO)
            return await self._respuesta(tunel, receive)
        except TunelRoto:
            return http.error(CodigoError.SID_DESCONOCIDO)

    async def _respuesta(self, tunel: Tunel, receive: http.Receive) -> http.Respuesta:
        """Espera la respuesta; si el cliente se va antes, el otro lado lo sabe."""
        vigilante = asyncio.ensure_future(http.esperar_desconexion(receive))
        respuesta = asyncio.ensure_future(tunel.recibir())
        try:
            await asyncio.wait({vigilante, respuesta}, return_when=asyncio.FIRST_COMPLETED)
            if not respuesta.done():
                await tunel.enviar({"ido": True})
                tunel.romper()
            dato = await respuesta
            if dato["sondeo"]:
                await tunel.enviar({"entregado": True})
        finally:
            vigilante.cancel()
        tunel.romper()
        return http.Respuesta(dato["estado"], dato["cuerpo"], dato["tipo"], dato["cerrar"])

    async def por_websocket(
        self, otro: str, info: InfoCliente, scope: Any, receive: http.Receive, send: http.Send
    ) -> None:
        try:
            tunel = await self.tuneles.abrir(otro, {**info.exportar(), "metodo": ""})
            primero = await tunel.recibir(PLAZO)
        except TunelRoto:
            primero = {"rechazo": int(CodigoError.SID_DESCONOCIDO)}
        if "rechazo" in primero:
            rechazo = http.error(CodigoError(primero["rechazo"]))
            await ws.denegar(scope, receive, send, rechazo)
            return
        await send({"type": "websocket.accept"})
        ida = asyncio.ensure_future(_llevar(tunel, receive))
        vuelta = asyncio.ensure_future(_traer(tunel, send))
        try:
            await asyncio.wait({ida, vuelta}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({vuelta}, timeout=1)
        finally:
            for tarea in (ida, vuelta):
                tarea.cancel()
            tunel.romper()

    # Aquí está la sesión --------------------------------------------------------------------

    async def _atender(self, tunel: Tunel, dato: Dato) -> None:
        info = InfoCliente.importar(dato)
        if dato["metodo"]:
            await self._atender_http(tunel, info, dato["metodo"], dato["cuerpo"])
        else:
            await self._atender_websocket(tunel, info)

    async def _atender_http(
        self, tunel: Tunel, info: InfoCliente, metodo: str, cuerpo: bytes
    ) -> None:
        pendiente: list[bytes] = [cuerpo]

        async def recibir() -> Any:
            if pendiente:
                return {"type": "http.request", "body": pendiente.pop(), "more_body": False}
            with contextlib.suppress(TunelRoto):
                await tunel.recibir()
            return {"type": "http.disconnect"}

        await tunel.enviar({"recibido": True})
        canal = self._puerta.canales.obtener(info.consulta.get("sid", ""))
        respuesta = await self._puerta.responder(info, metodo, recibir)
        sondeo = metodo == "GET" and respuesta.estado == 200
        try:
            await tunel.enviar(
                {
                    "estado": respuesta.estado,
                    "cuerpo": respuesta.cuerpo,
                    "tipo": respuesta.tipo,
                    "cerrar": respuesta.cerrar,
                    "sondeo": sondeo,
                }
            )
            if sondeo:
                await tunel.recibir(PLAZO)
        except TunelRoto:
            # No se sabe si llegó lo que llevaba: la sesión termina y el cliente reanuda.
            if canal is not None and sondeo:
                canal.perder(Motivo.ERROR_TRANSPORTE)

    async def _atender_websocket(self, tunel: Tunel, info: InfoCliente) -> None:
        rechazo = self._puerta.codigo_de_rechazo(info)
        canal = self._puerta.canales.obtener(info.consulta.get("sid", ""))
        if rechazo is not None or canal is None:
            await tunel.enviar({"rechazo": int(rechazo or CodigoError.SID_DESCONOCIDO)})
            return
        await tunel.enviar({"recibido": True})

        async def recibir() -> Any:
            try:
                dato = await tunel.recibir()
            except TunelRoto:
                return {"type": "websocket.disconnect", "code": 1006}
            return {"type": "websocket.receive", **dato}

        async def enviar(mensaje: Any) -> None:
            try:
                await tunel.enviar({k: v for k, v in mensaje.items() if k != "type"})
            except TunelRoto:
                raise OSError from None

        salida = await ws.relevar(canal, recibir, enviar)
        if salida is None:
            await ws.cerrar(enviar)
        else:
            await ws.atender(canal, salida, recibir)


async def _llevar(tunel: Tunel, receive: http.Receive) -> None:
    """Del cliente a la sesión."""
    with contextlib.suppress(TunelRoto):
        while (trama := await ws.siguiente_trama(receive)) is not None:
            clave = "bytes" if isinstance(trama, bytes) else "text"
            await tunel.enviar({clave: trama})
        tunel.romper()


async def _traer(tunel: Tunel, send: http.Send) -> None:
    """De la sesión al cliente, hasta que cierre o se rompa."""
    codigo = 1012
    with contextlib.suppress(TunelRoto, OSError, RuntimeError):
        while True:
            dato = await tunel.recibir()
            if "code" in dato:
                codigo = dato["code"]
                break
            await send({"type": "websocket.send", **dato})
    await ws.cerrar(send, codigo)
