"""`manage.py cargar_demo`: cuentas y conversaciones de ejemplo: lo que falte."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from mensajeria.consola.demo import cargar_demo
from mensajeria.consola.orden_de_consola import OrdenDeConsola


class Command(OrdenDeConsola):
    help = "Carga las cuentas y conversaciones de ejemplo, si no están. Solo con DEMO encendido."

    def handle(self, *args: Any, **opciones: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO está apagado: no se cargan cuentas de ejemplo")
        if cargar_demo():
            self.stdout.write(
                "Ejemplo cargado: entra con ana, beto, carla, mod o admin; clave demo"
            )
