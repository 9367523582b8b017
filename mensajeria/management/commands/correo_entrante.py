"""`manage.py correo_entrante`: recibe por LMTP lo que se contesta por correo, y lo envía."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connections

from mensajeria.archivos.taller.procesos import taller
from mensajeria.consola import salidas
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.models import tomar_espacio
from mensajeria.nodo import nodo
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
        salidas.reservar_base()
        tomar_espacio()
        connections.close_all()
        # Lo que recibe no es cosa del registro.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        try:
            asyncio.run(self._atender(opciones["host"], opciones["puerto"], opciones["smtp"]))
        except (OSError, OverflowError) as error:
            raise CommandError(f"No se puede escuchar: {error}") from None

    async def _atender(self, host: str, puerto: int, smtp: bool) -> None:
        parar, bucle = asyncio.Event(), asyncio.get_running_loop()
        for senal in (signal.SIGINT, signal.SIGTERM):
            bucle.add_signal_handler(senal, parar.set)
        emisor = nodo().emisor
        # A los procesos que sirven; aquí no hay ninguna conexión.
        emisor.arrancar(lambda _: None)
        buzon = BuzonDeEntrada()
        servidor = await bucle.create_server(lambda: protocolo(buzon, smtp=smtp), host, puerto)
        como = "SMTP" if smtp else "LMTP"
        self.stdout.write(f"Recibiendo correo por {como} en {host}:{puerto} (Ctrl-C para detener)")
        await parar.wait()
        servidor.close()
        if buzon.entregando:
            await asyncio.wait(buzon.entregando, timeout=SEGUNDOS_DE_CIERRE)
        await emisor.detener()
        taller().cerrar()
