"""`manage.py restaurada`: tras restaurar una copia o promover una réplica."""

from __future__ import annotations

from typing import Any

from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.models import cambiar_epoca, leer_epoca


class Command(OrdenDeConsola):
    help = (
        "Dice que la base volvió atrás: se restauró una copia, o se promovió una réplica que podía"
        " ir por detrás. Los procesos y los clientes olvidan los números que habían visto y lo leen"
        " todo de nuevo. Repetirla, o darla sin que haga falta, solo cuesta esa lectura."
    )

    def handle(self, *args: Any, **opciones: Any) -> None:
        nueva = cambiar_epoca(leer_epoca())
        self.stdout.write(f"Hecho: la base está en la época {nueva}.")
