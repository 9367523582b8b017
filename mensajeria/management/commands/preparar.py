"""`manage.py preparar`: migra, y en modo de ejemplo carga lo que falte de sus datos."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command

from mensajeria.consola import salidas
from mensajeria.consola.orden_de_consola import OrdenDeConsola


class Command(OrdenDeConsola):
    help = "Pone la base de datos al día y, con DEMO encendido, carga el ejemplo."

    def handle(self, *args: Any, **opciones: Any) -> None:
        self.check(tags=[Tags.database], databases=["default"])
        salidas.reservar_base()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if settings.DEMO:
            call_command("cargar_demo", stdout=self.stdout)
