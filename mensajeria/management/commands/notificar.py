"""`manage.py notificar`: envía los avisos a quien no está, en un proceso aparte."""

from __future__ import annotations

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from mensajeria.avisos.cartero import Cartero
from mensajeria.consola import de_fondo
from mensajeria.consola.orden_de_consola import OrdenDeConsola

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
        de_fondo.preparar()
        self.stdout.write("Enviando avisos (Ctrl-C para detener)")
        asyncio.run(_atender())


async def _atender() -> None:
    parar = de_fondo.al_parar()
    async with de_fondo.emitiendo() as emisor:
        cartero = Cartero(emisor.emitir)
        cartero.arrancar()
        await parar.wait()
        await cartero.detener()
