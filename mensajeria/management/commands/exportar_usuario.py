"""`manage.py exportar_usuario ID`: todo lo de una persona, en JSON Lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mensajeria.consola import exportacion
from mensajeria.consola.orden_de_consola import OrdenDeConsola, hallar_usuario
from mensajeria.consola.salidas import exportar


class Command(OrdenDeConsola):
    help = (
        "Escribe lo que hay de una persona (ficha, conversaciones, mensajes, reacciones, recibos,"
        " sesiones y avisos), una línea de JSON por cosa. Ejemplo: manage.py exportar_usuario ana"
        " --salida ana.jsonl"
    )

    missing_args_message = "Falta de quién: su identificador, o su nombre de usuario."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="identificador, o nombre de usuario")
        parser.add_argument("--salida", type=Path, help="archivo; sin él, la salida estándar")

    def handle(self, *args: Any, **opciones: Any) -> None:
        fila = hallar_usuario(opciones["id"])
        lineas, son = exportacion.de_usuario(fila), exportacion.lineas_de_usuario(fila)
        exportar(lineas, son, opciones, self.stdout, self.stderr)
