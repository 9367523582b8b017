"""Engine.IO sin afinidad: lo que llega a un proceso y es de la sesión de otro.

El sid lleva el nombre del proceso que sostiene la sesión. Un sondeo o un POST viajan por un túnel
hasta él y la respuesta vuelve; un WebSocket que releva a un sondeo queda en el proceso al que
llegó, que solo mueve tramas. Lo que cuesta: docs/varios-procesos.md.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Protocol

from mensajeria.entre_procesos import proceso
from mensajeria.puertas import subprotocolos
from mensajeria.puertas.asgi import Receive, Respuesta, Scope, Send, denegar
from mensajeria.puertas.directo import REINICIO, WebSocketDirecto
from mensajeria.puertas.engineio import http, websocket
from mensajeria.puertas.engineio.paquetes import (
    Ajustes,
    CodigoEngineIO,
    ErrorPaquete,
    MotivoDeCierre,
)
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.engineio.tunel import PLAZO, Dato, Tunel, Tuneles, TunelRoto
from mensajeria.puertas.quien_llama import QuienLlama
from mensajeria.puertas.websocket import CIERRE_NORMAL, WebSocket, tomar


def dueno_de(sid: str) -> str | None:
    """El proceso que abrió la sesión, si lo dice el sid y no es este."""
    _, punto, nombre = sid.rpartition(".")
    return nombre if punto and nombre != proceso.este() else None


class DuenaDeSesiones(Protocol):
    """La puerta de este proceso, por la que se atiende lo que llegó a otro."""

    ajustes: Ajustes
    sesiones: dict[str, SesionEngineIO]

    async def responder(self, quien: QuienLlama, metodo: str, receive: Receive) -> Respuesta: ...
    def codigo_de_rechazo(self, quien: QuienLlama) -> CodigoEngineIO | None: ...


class Desvio:
    """Los dos lados: lo que se envía a otros procesos y lo que se atiende por ellos."""

    def __init__(self, puerta: DuenaDeSesiones) -> None:
        self._puerta = puerta
        self.tuneles = Tuneles(self._atender)

    # Aquí llegó la petición -----------------------------------------------------------------

    async def por_http(
        self, otro: str, quien: QuienLlama, metodo: str, receive: Receive
    ) -> Respuesta:
        cuerpo = b""
        if metodo == "POST":
            maximo = self._puerta.ajustes.carga_maxima
            try:
                cuerpo = await http.leer_cuerpo(quien, receive, maximo)
            except http.CuerpoExcesivo:
                return Respuesta(413, cerrar=True)
            except http.CuerpoIncompleto:
                return http.error(CodigoEngineIO.PETICION_INCORRECTA)
            except ErrorPaquete:
                cuerpo = b""  # lo rechazará, por la misma cabecera, quien tiene la sesión
        try:
            tunel = await self.tuneles.abrir(
                otro, {**quien.exportar(), "metodo": metodo, "cuerpo": cuerpo}
            )
            await tunel.recibir(PLAZO)
            return await self._respuesta(tunel, receive)
        except TunelRoto:
            return http.error(CodigoEngineIO.SID_DESCONOCIDO)

    async def _respuesta(self, tunel: Tunel, receive: Receive) -> Respuesta:
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
        return Respuesta(dato["estado"], dato["cuerpo"], dato["tipo"], dato["cerrar"])

    async def por_websocket(
        self, otro: str, quien: QuienLlama, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            tunel = await self.tuneles.abrir(otro, {**quien.exportar(), "metodo": ""})
            primero = await tunel.recibir(PLAZO)
        except TunelRoto:
            primero = {"rechazo": int(CodigoEngineIO.SID_DESCONOCIDO)}
        if "rechazo" in primero:
            rechazo = http.error(CodigoEngineIO(primero["rechazo"]))
            await denegar(scope, receive, send, rechazo)
            return
        await subprotocolos.aceptar(scope, send)
        ws = tomar(scope, receive, send)
        ida = asyncio.ensure_future(_llevar(tunel, ws))
        vuelta = asyncio.ensure_future(_traer(tunel, ws))
        try:
            await asyncio.wait({ida, vuelta}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({vuelta}, timeout=1)
        finally:
            for tarea in (ida, vuelta):
                tarea.cancel()
            tunel.romper()
        await ws.terminar()

    # Aquí está la sesión --------------------------------------------------------------------

    async def _atender(self, tunel: Tunel, dato: Dato) -> None:
        quien = QuienLlama.importar(dato)
        if dato["metodo"]:
            await self._atender_http(tunel, quien, dato["metodo"], dato["cuerpo"])
        else:
            await self._atender_websocket(tunel, quien)

    async def _atender_http(
        self, tunel: Tunel, quien: QuienLlama, metodo: str, cuerpo: bytes
    ) -> None:
        pendiente: list[bytes] = [cuerpo]

        async def recibir() -> Any:
            if pendiente:
                return {"type": "http.request", "body": pendiente.pop(), "more_body": False}
            with contextlib.suppress(TunelRoto):
                await tunel.recibir()
            return {"type": "http.disconnect"}

        await tunel.enviar({"recibido": True})
        sesion = self._puerta.sesiones.get(quien.consulta.get("sid", ""))
        respuesta = await self._puerta.responder(quien, metodo, recibir)
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
            if sesion is not None and sondeo:
                sesion.perder(MotivoDeCierre.ERROR_TRANSPORTE)

    async def _atender_websocket(self, tunel: Tunel, quien: QuienLlama) -> None:
        rechazo = self._puerta.codigo_de_rechazo(quien)
        sesion = self._puerta.sesiones.get(quien.consulta.get("sid", ""))
        if rechazo is not None or sesion is None:
            await tunel.enviar({"rechazo": int(rechazo or CodigoEngineIO.SID_DESCONOCIDO)})
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

        ws = WebSocket(recibir, enviar)
        if await websocket.relevar(sesion, ws):
            await ws.atender(sesion)
        else:
            ws.cerrar(CIERRE_NORMAL)
            await ws.terminar()


async def _llevar(tunel: Tunel, ws: WebSocketDirecto | WebSocket) -> None:
    """Del cliente a la sesión."""
    with contextlib.suppress(TunelRoto):
        while (trama := await ws.leer()) is not None:
            clave = "bytes" if isinstance(trama, bytes) else "text"
            await tunel.enviar({clave: trama})
        tunel.romper()


async def _traer(tunel: Tunel, ws: WebSocketDirecto | WebSocket) -> None:
    """De la sesión al cliente, hasta que cierre o se rompa; a quien no lo lee se le corta."""
    codigo = REINICIO
    with contextlib.suppress(TunelRoto):
        while True:
            dato = await tunel.recibir()
            if "code" in dato:
                codigo = dato["code"]
                break
            if not ws.cola.poner(dato["text"] if "text" in dato else dato["bytes"]):
                ws.abortar()
                return
            ws.despertar()
    ws.cerrar(codigo)
