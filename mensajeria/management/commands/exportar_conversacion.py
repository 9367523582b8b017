"""`manage.py exportar_conversacion ID`: una conversación entera, en JSON Lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.consola import exportacion
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.consola.salidas import exportar
from mensajeria.models import Conversacion


class Command(OrdenDeConsola):
    help = (
        "Escribe una conversación y sus mensajes, una línea de JSON por cosa y con las formas de"
        " REST. Ejemplo: manage.py exportar_conversacion conv_test --salida conv_test.jsonl"
    )

    missing_args_message = "Falta cuál: su identificador, o su código CONV-…"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="identificador, o código CONV-…")
        parser.add_argument("--salida", type=Path, help="archivo; sin él, la salida estándar")

    def handle(self, *args: Any, **opciones: Any) -> None:
        hay = Conversacion.objects
        fila = hay.filter(pk=opciones["id"]).first() or hay.filter(codigo=opciones["id"]).first()
        if fila is None:
            raise CommandError(f"No hay ninguna conversación «{opciones['id']}»")
        lineas, son = exportacion.de_conversacion(fila), exportacion.lineas_de_conversacion(fila)
        exportar(lineas, son, opciones, self.stdout, self.stderr)
