"""`manage.py notificar`: envía los avisos a quien no está, en un proceso aparte."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections

from mensajeria.avisos.cartero import Cartero
from mensajeria.consola import salidas
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.models import tomar_espacio
from mensajeria.nodo import nodo

SIN_REDIS = (
    "Sin REDIS_URL, quién mira cada conversación solo lo sabe el servidor: él envía los avisos"
    " (AVISOS=servir, que es lo que hay si no se dice otra cosa)."
)
DOS_VECES = "El servidor también los envía; con AVISOS=aparte se quedan para este proceso."


class Command(OrdenDeConsola):
    help = (
        "Envía los avisos a quien no está, los que haya y los que lleguen. Puede haber varios a la"
        " vez. Se detiene con Ctrl-C o SIGTERM, sin perder ninguno."
    )
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **opciones: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError(SIN_REDIS)
        if settings.AVISOS == "no":
            raise CommandError("AVISOS=no: no se avisa a nadie. Pon AVISOS=aparte.")
        if settings.AVISOS == "servir":
            self.stderr.write(self.style.WARNING(DOS_VECES))
        salidas.reservar_base()
        tomar_espacio()
        connections.close_all()
        self.stdout.write("Enviando avisos (Ctrl-C para detener)")
        asyncio.run(_atender())


async def _atender() -> None:
    parar = asyncio.Event()
    bucle = asyncio.get_running_loop()
    for senal in (signal.SIGINT, signal.SIGTERM):
        bucle.add_signal_handler(senal, parar.set)
    cartero = Cartero(await _emisor())
    cartero.arrancar()
    await parar.wait()
    await cartero.detener()


async def _emisor() -> Any:
    """A los procesos que sirven, por Redis; aquí no hay ninguna conexión."""
    emisor = nodo().emisor
    emisor.arrancar(lambda _: None)
    return emisor.emitir
