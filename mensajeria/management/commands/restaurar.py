"""`manage.py restaurar`: pone lo que dejó `respaldar`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mensajeria.consola.orden_de_consola import OrdenDeConsola, confirmar
from mensajeria.consola.respaldo import leer_ficha, restaurar


class Command(OrdenDeConsola):
    help = (
        "Pone la base y los archivos de una copia, con los procesos detenidos, la pone al día y"
        " empieza otra época: los clientes lo leen todo de nuevo. Lo que hay en la base se pierde."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("carpeta", type=Path, help="la que dejó respaldar")
        parser.add_argument("--si", action="store_true", help="no pregunta")

    def handle(self, *args: Any, **opciones: Any) -> None:
        ficha = leer_ficha(opciones["carpeta"])
        confirmar(f"La base pasa a ser la de {ficha['fecha']}, y lo de ahora se pierde.", opciones)
        restaurar(opciones["carpeta"], self.stdout.write)
        self.stdout.write("Hecho. Arranca los procesos.")
