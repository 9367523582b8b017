"""Engine.IO por WebSocket: cómo releva a un sondeo."""

from __future__ import annotations

import asyncio
import contextlib

from mensajeria.puertas.directo import WebSocketDirecto
from mensajeria.puertas.engineio import paquetes
from mensajeria.puertas.engineio.maquina import RespuestaSonda
from mensajeria.puertas.engineio.sesion import SesionEngineIO
from mensajeria.puertas.websocket import WebSocket


async def relevar(sesion: SesionEngineIO, ws: WebSocketDirecto | WebSocket) -> bool:
    """Lleva la sonda y, si el cliente completa el ascenso, cambia el transporte de la sesión.

    Con `False`, el WebSocket sobra y la sesión, si vive, sigue por sondeo.
    """
    if not sesion.maquina.iniciar_ascenso(sesion.ahora()):
        return False
    sesion.atender_salida()
    ascendida = False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as lectura:
            sesion.lectura_sonda = lectura
            try:
                ascendida = await _sondear(sesion, ws)
            finally:
                # Interrumpida ya no es la suya, y puede que otro WebSocket haya empezado.
                if sesion.lectura_sonda is lectura:
                    sesion.lectura_sonda = None
                    sesion.maquina.cancelar_ascenso()
    if ascendida:
        sesion.ascender(ws)
    return ascendida


async def _sondear(sesion: SesionEngineIO, ws: WebSocketDirecto | WebSocket) -> bool:
    while True:
        trama = await ws.leer()
        if trama is None:
            return False
        respuesta = sesion.maquina.recibir_sonda(trama, sesion.ahora())
        if respuesta is not RespuestaSonda.CONTESTAR:
            return respuesta is RespuestaSonda.ASCENDER
        sesion.atender_salida()
        sesion.transporte.despertar()
        ws.decir(paquetes.RESPUESTA_SONDA)
