"""Lo que hace una orden que dura hasta que se le pide parar, y no atiende a clientes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

from django.db import connections

from mensajeria.consola import salidas
from mensajeria.difusion.emisor import Emisor
from mensajeria.models import tomar_espacio
from mensajeria.nodo import nodo


def preparar() -> None:
    """Antes del bucle de eventos; lo que falle de la base, aquí se dice."""
    salidas.reservar_base()
    tomar_espacio()
    connections.close_all()


def al_parar() -> asyncio.Event:
    """Se cumple con Ctrl-C o SIGTERM. Dentro del bucle."""
    parar, bucle = asyncio.Event(), asyncio.get_running_loop()
    for senal in (signal.SIGINT, signal.SIGTERM):
        bucle.add_signal_handler(senal, parar.set)
    return parar


@contextlib.asynccontextmanager
async def emitiendo() -> AsyncIterator[Emisor]:
    """A los procesos que sirven: aquí no hay ninguna conexión. Acaba cuando salió lo emitido."""
    emisor = nodo().emisor
    emisor.arrancar(lambda _: None)
    try:
        yield emisor
    finally:
        await emisor.detener()
