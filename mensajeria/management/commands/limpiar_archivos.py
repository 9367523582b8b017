"""`manage.py limpiar_archivos`: borra los archivos que nadie nombra."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.consola.limpieza_de_archivos import Recogida, limpiar_todo, por_limpiar
from mensajeria.consola.orden_de_consola import (
    OrdenDeConsola,
    argumentos_de_destruir,
    confirmar,
)
from mensajeria.consola.progreso import Barra
from mensajeria.protocolo.errores import ErrorMensajeria


class Command(OrdenDeConsola):
    help = (
        "Borra los archivos que ya no lleva ningún mensaje, los que nadie llegó a enviar y lo que"
        " quedó en el almacén sin que ninguna fila lo nombre (una subida cortada, una base"
        " restaurada). El servidor borra lo primero por su cuenta, cada minuto; lo demás, solo esta"
        " orden. Se puede repetir, y dar con el servidor en marcha."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--aunque-sean-mas",
            action="store_true",
            help="borra lo que no tiene fila aunque sea más que lo que sí la tiene",
        )
        argumentos_de_destruir(parser)

    def handle(self, *args: Any, **opciones: Any) -> None:
        barra = Barra(self.stderr, muda=opciones["verbosity"] == 0)
        try:
            previsto = por_limpiar()
            if opciones["simular"]:
                self.stdout.write(f"Simulación. {_decir(previsto)}")
                return
            if previsto.sobrantes or previsto.huerfanos:
                _exigir_que_sea_suyo(previsto, opciones)
                confirmar(f"Borrar archivos. {_decir(previsto)}", opciones)
            hecho = limpiar_todo(barra)
        except ErrorMensajeria as error:
            raise CommandError(f"Quedó a medias ({error.mensaje}). Repite la orden.") from None
        finally:
            barra.terminar()
        self.stdout.write(f"Hecho. {_decir(hecho)}")
        if hecho.quedan:
            raise CommandError(
                f"El almacén no dejó borrar {hecho.quedan}. Mira sus permisos y repite la orden."
            )


def _exigir_que_sea_suyo(previsto: Recogida, opciones: dict[str, Any]) -> None:
    """Con otra base (DATABASE_URL mal puesta, una vacía, dos en un cubo) nada tendría fila."""
    if previsto.parece_de_otro and not opciones["aunque_sean_mas"]:
        raise CommandError(
            f"No se ha borrado nada: en el almacén hay {previsto.huerfanos} archivos que esta base"
            f" no conoce, y solo {previsto.con_fila} que sí. Comprueba DATABASE_URL y ARCHIVOS; si"
            " de verdad sobran, repite la orden con --aunque-sean-mas."
        )


def _decir(recogida: Recogida) -> str:
    return (
        f"Archivos que sobraban: {recogida.sobrantes}."
        f" En el almacén, sin ninguna fila: {recogida.huerfanos}."
    )
