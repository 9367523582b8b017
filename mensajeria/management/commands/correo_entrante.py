"""`manage.py correo_entrante`: recibe por LMTP lo que se contesta por correo, y lo envía."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from mensajeria.archivos.taller.procesos import taller
from mensajeria.consola import de_fondo
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.puertas.correo import BuzonDeEntrada, protocolo

SEGUNDOS_DE_CIERRE = 8.0


class Command(OrdenDeConsola):
    help = (
        "Recibe de tu servidor de correo, por LMTP, lo que se contesta a los avisos, y lo envía en"
        " su conversación. Se detiene con Ctrl-C o SIGTERM, sin perder ninguno."
    )
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="por defecto, %(default)s")
        parser.add_argument("--puerto", type=int, default=8024, help="por defecto, %(default)s")
        parser.add_argument("--smtp", action="store_true", help="por SMTP en lugar de LMTP")

    def handle(self, *args: Any, **opciones: Any) -> None:
        if not settings.CORREO_DE_RESPUESTAS:
            raise CommandError(
                "Falta a qué dirección se contesta: CORREO_DE_RESPUESTAS=responder@tusitio.com"
            )
        de_fondo.preparar()
        # Lo que recibe no es cosa del registro.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        try:
            asyncio.run(self._atender(opciones["host"], opciones["puerto"], opciones["smtp"]))
        except (OSError, OverflowError) as error:
            raise CommandError(f"No se puede escuchar: {error}") from None

    async def _atender(self, host: str, puerto: int, smtp: bool) -> None:
        parar, bucle = de_fondo.al_parar(), asyncio.get_running_loop()
        async with de_fondo.emitiendo():
            buzon = BuzonDeEntrada()
            servidor = await bucle.create_server(lambda: protocolo(buzon, smtp=smtp), host, puerto)
            como = "SMTP" if smtp else "LMTP"
            donde = f"por {como} en {host}:{puerto}"
            self.stdout.write(f"Recibiendo correo {donde} (Ctrl-C para detener)")
            await parar.wait()
            servidor.close()
            if buzon.entregando:
                await asyncio.wait(buzon.entregando, timeout=SEGUNDOS_DE_CIERRE)
        taller().cerrar()
