"""`manage.py respaldar`: una copia de la base, los archivos y las claves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.consola.respaldo import respaldar


class Command(OrdenDeConsola):
    help = (
        "Copia en una carpeta nueva la base, los archivos y las claves, con el servidor en marcha."
        " Solo la puede leer quien la hace: lleva datos personales y secretos."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("carpeta", type=Path, help="dónde; no ha de existir")

    def handle(self, *args: Any, **opciones: Any) -> None:
        respaldar(opciones["carpeta"], self.stdout.write)
        self.stdout.write(f"Hecho: {opciones['carpeta']}")
