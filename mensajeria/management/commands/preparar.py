"""`manage.py preparar`: migra, y en modo de ejemplo carga lo que falte de sus datos.

Varios a la vez van de uno en uno.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command

from mensajeria.consola import preparacion, salidas
from mensajeria.consola.orden_de_consola import OrdenDeConsola


class Command(OrdenDeConsola):
    help = "Pone la base de datos al día y, con DEMO encendido, carga el ejemplo."

    def handle(self, *args: Any, **opciones: Any) -> None:
        self.check(tags=[Tags.database], databases=["default"])
        salidas.reservar_base()
        with preparacion.de_uno_en_uno(self.stdout.write):
            preparacion.migrar(self.stdout.write)
            if settings.DEMO:
                call_command("cargar_demo", stdout=self.stdout)
