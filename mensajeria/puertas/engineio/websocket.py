"""Engine.IO por WebSocket: lo que se lee de él, y cómo releva a un sondeo."""

from __future__ import annotations

import asyncio
import contextlib

from mensajeria.puertas.asgi import Receive, Send, mensaje_de_trama, siguiente_trama
from mensajeria.puertas.engineio import paquetes
from mensajeria.puertas.engineio.maquina import RespuestaSonda
from mensajeria.puertas.engineio.paquetes import ErrorPaquete, MotivoDeCierre
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.uvicorn import Control
from mensajeria.puertas.websocket import WebSocket


def websocket_de(
    sesion: SesionEngineIO, receive: Receive, send: Send, control: Control | None = None
) -> WebSocket:
    """El que envía lo que esa sesión tenga en su cola."""
    return WebSocket(receive, send, sesion.maquina.cola, control, sesion.cierre_enviado)


async def atender(sesion: SesionEngineIO, ws: WebSocket) -> None:
    """Lee del WebSocket de la sesión hasta que uno de los dos la termine."""

    async def leer() -> None:
        while True:
            await sesion.lista()
            trama = await ws.leer()
            if trama is None:
                return
            try:
                await sesion.procesar(sesion.maquina.recibir_trama(trama, sesion.ahora()))
            except ErrorPaquete as fallo:
                sesion.rechazar(fallo)

    try:
        await ws.atender(leer)
    finally:
        sesion.perder(MotivoDeCierre.TRANSPORTE)


async def relevar(
    sesion: SesionEngineIO, receive: Receive, send: Send, control: Control | None = None
) -> WebSocket | None:
    """Lleva la sonda y, si el cliente completa el ascenso, cambia el transporte de la sesión.

    Devuelve el nuevo; con `None`, el WebSocket sobra y la sesión, si vive, sigue por sondeo.
    """
    if not sesion.maquina.iniciar_ascenso(sesion.ahora()):
        return None
    sesion.atender_salida()
    ascendida = False
    with contextlib.suppress(OSError, RuntimeError):
        async with asyncio.timeout(None) as lectura:
            sesion.lectura_sonda = lectura
            try:
                ascendida = await _sondear(sesion, receive, send)
            finally:
                # Interrumpida ya no es la suya, y puede que otro WebSocket haya empezado.
                if sesion.lectura_sonda is lectura:
                    sesion.lectura_sonda = None
                    sesion.maquina.cancelar_ascenso()
    if not ascendida:
        return None
    anterior = sesion.transporte
    sesion.transporte = ws = websocket_de(sesion, receive, send, control)
    anterior.despertar()
    sesion.atender_salida()
    return ws


async def _sondear(sesion: SesionEngineIO, receive: Receive, send: Send) -> bool:
    while True:
        trama = await siguiente_trama(receive)
        if trama is None:
            return False
        respuesta = sesion.maquina.recibir_sonda(trama, sesion.ahora())
        if respuesta is not RespuestaSonda.CONTESTAR:
            return respuesta is RespuestaSonda.ASCENDER
        sesion.atender_salida()
        sesion.transporte.despertar()
        await send(mensaje_de_trama(paquetes.RESPUESTA_SONDA))
