"""`manage.py purgar --dias N`: aplica el plazo de conservación."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.consola.conservacion import Plazos, purgar
from mensajeria.consola.orden_de_consola import (
    OrdenDeConsola,
    argumentos_de_destruir,
    avisar_de_los_que_quedan,
    confirmar,
)
from mensajeria.consola.progreso import Barra
from mensajeria.models import ahora
from mensajeria.protocolo.errores import ErrorMensajeria


class Command(OrdenDeConsola):
    help = (
        "Elimina los mensajes y los avisos de hace más de N días. Un mensaje eliminado deja su"
        " lápida, para que los números no tengan huecos; a las lápidas de hace más de --gracia días"
        " se les quita lo que ya no necesita nadie. Las sesiones caducadas se borran siempre. Se"
        " puede detener y repetir."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dias", type=int, help="cuántos días se guarda; hay que decirlo")
        parser.add_argument(
            "--gracia", type=int, default=30, help="días hasta vaciar una lápida (%(default)s)"
        )
        argumentos_de_destruir(parser)

    def handle(self, *args: Any, **opciones: Any) -> None:
        dias, gracia = opciones["dias"], opciones["gracia"]
        if dias is None:
            raise CommandError("Falta --dias N: cuántos días se guarda")
        if dias < 1 or gracia < 0:
            raise CommandError("--dias es 1 o más, y --gracia 0 o más")
        instante = ahora()
        try:
            plazos = Plazos(instante - timedelta(days=dias), instante - timedelta(days=gracia))
        except OverflowError:
            raise CommandError("Son demasiados días") from None
        barra = Barra(self.stderr, muda=opciones["verbosity"] == 0)
        try:
            previsto = purgar(plazos, lambda *_: None, simular=True)
            if opciones["simular"]:
                self.stdout.write(f"Simulación. {_decir(previsto)}")
                return
            confirmar(f"Purgar lo de hace más de {dias} días. {_decir(previsto)}", opciones)
            hecho = purgar(plazos, barra)
        except ErrorMensajeria as error:
            raise CommandError(f"Quedó a medias ({error.mensaje}). Repite la orden.") from None
        finally:
            barra.terminar()
        self.stdout.write(f"Hecho. {_decir(hecho)}")
        avisar_de_los_que_quedan(self.stderr, hecho.archivos_que_quedan)


def _decir(purga: Any) -> str:
    return (
        f"Mensajes eliminados: {purga.lapidas}. Lápidas vaciadas: {purga.vaciadas}."
        f" Recibos quitados: {purga.recibos}. Avisos borrados: {purga.notificaciones}."
        f" Sesiones caducadas: {purga.sesiones}. Archivos borrados: {purga.archivos}."
    )
