"""`manage.py limpiar_archivos`: borra los archivos que nadie nombra."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.consola.limpieza_de_archivos import limpiar_todo
from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.protocolo.errores import ErrorMensajeria


class Command(OrdenDeConsola):
    help = (
        "Borra los archivos que ya no lleva ningún mensaje, los que nadie llegó a enviar y lo que"
        " quedó en el almacén sin que ninguna fila lo nombre (una subida cortada, una base"
        " restaurada). El servidor borra lo primero por su cuenta, cada minuto; lo demás, solo esta"
        " orden. Se puede repetir, y dar con el servidor en marcha."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simular", action="store_true", help="solo dice lo que se borraría")

    def handle(self, *args: Any, **opciones: Any) -> None:
        try:
            hecho = limpiar_todo(simular=opciones["simular"])
        except ErrorMensajeria as error:
            raise CommandError(f"Quedó a medias ({error.mensaje}). Repite la orden.") from None
        antes = "Simulación. " if opciones["simular"] else "Hecho. "
        self.stdout.write(
            f"{antes}Archivos que sobraban: {hecho.sobrantes}."
            f" En el almacén, sin ninguna fila: {hecho.huerfanos}."
        )
        if hecho.quedan:
            raise CommandError(
                f"El almacén no dejó borrar {hecho.quedan}. Mira sus permisos y repite la orden."
            )
