"""`manage.py borrar_usuario ID`: borra los datos de una persona; sus conversaciones siguen."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.consola import borrado
from mensajeria.consola.orden_de_consola import (
    OrdenDeConsola,
    argumentos_de_destruir,
    avisar_de_los_que_quedan,
    confirmar,
    hallar_usuario,
)
from mensajeria.consola.progreso import Barra
from mensajeria.protocolo.errores import ErrorMensajeria


class Command(OrdenDeConsola):
    help = (
        "Borra los datos personales de alguien y cierra sus conexiones. Sus conversaciones siguen"
        " siendo legibles para los demás, con «Usuario borrado» como autor; con --con-mensajes,"
        " además, sus mensajes quedan como eliminados. Se puede repetir si se interrumpe."
    )

    missing_args_message = "Falta de quién: su identificador, o su nombre de usuario."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="identificador, o nombre de usuario")
        parser.add_argument(
            "--con-mensajes", action="store_true", help="elimina también lo que escribió"
        )
        argumentos_de_destruir(parser)

    def handle(self, *args: Any, **opciones: Any) -> None:
        usuario = hallar_usuario(opciones["id"])
        if borrado.es_el_ultimo_administrador(usuario):
            raise CommandError(
                "Es la última cuenta de administración: crea otra antes con createsuperuser"
            )
        r = borrado.recontar(usuario.pk)
        mensajes = "se eliminan" if opciones["con_mensajes"] else "quedan sin su nombre"
        que = (
            f"Borrar a «{usuario.get_full_name()}» ({usuario.pk}): sale de {r.conversaciones}"
            f" conversaciones, {r.mensajes} mensajes suyos {mensajes} y se borran"
            f" {r.notificaciones} avisos."
        )
        if opciones["simular"]:
            self.stdout.write(f"Simulación. {que}")
            return
        confirmar(que, opciones)
        barra = Barra(self.stderr, muda=opciones["verbosity"] == 0)
        try:
            quedan = borrado.borrar_usuario(usuario, barra, con_mensajes=opciones["con_mensajes"])
        except ErrorMensajeria as error:
            raise CommandError(f"Quedó a medias ({error.mensaje}). Repite la orden.") from None
        finally:
            barra.terminar()
        self.stdout.write(f"Borrado: {usuario.pk}")
        avisar_de_los_que_quedan(self.stderr, quedan)
