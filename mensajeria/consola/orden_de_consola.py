"""Lo que comparten las órdenes de consola: decir qué falló y preguntar antes de destruir."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from textwrap import shorten
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as ErrorDeBase
from pymongo.errors import PyMongoError

from mensajeria.models import Usuario, tomar_espacio

# MongoDB describe sus servidores enteros.
LARGO_DE_MOTIVO = 100


class OrdenDeConsola(BaseCommand):
    """Si la base falla lo dice sin traza, y su ayuda solo enseña lo suyo."""

    # La pone Django, y no la declaran sus tipos.
    _called_from_command_line: bool

    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }

    def create_parser(self, prog_name: str, subcommand: str, **opciones: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, add_help=False, **opciones)
        parser.add_argument("-h", "--help", action="help", help="enseña esta ayuda")
        parser._positionals.title, parser._optionals.title = "argumentos", "opciones"
        return parser

    def execute(self, *args: Any, **opciones: Any) -> str | None:
        # La reserva de conexiones repite sin parar lo que aquí se dice una vez.
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        try:
            if self._called_from_command_line:
                _entrar_en_su_espacio()
            return super().execute(*args, **opciones)
        except KeyboardInterrupt:
            raise CommandError("Detenido. Se puede repetir la orden.", returncode=130) from None
        except BrokenPipeError:
            # Quien leía ya tiene bastante (`| head`): que Python no lo intente otra vez al salir.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError("Nadie lee la salida: queda a medias.", returncode=1) from None
        except (ErrorDeBase, PyMongoError) as error:
            motivo = shorten(str(error) or str(error.__cause__), LARGO_DE_MOTIVO, placeholder="…")
            raise CommandError(
                f"La base de datos falló ({type(error).__name__}: {motivo}). Qué hacer lo dice"
                " manage.py diagnosticar; después se puede repetir esta orden."
            ) from error


def _entrar_en_su_espacio() -> None:
    """Lo que emita ha de llegar a los procesos; sin base, o a medio migrar, no emitirá nada."""
    with contextlib.suppress(ErrorDeBase, PyMongoError):
        tomar_espacio()


def argumentos_de_destruir(parser: CommandParser) -> None:
    parser.add_argument("--simular", action="store_true", help="solo dice qué haría")
    parser.add_argument("--si", action="store_true", help="no pregunta")


def confirmar(pregunta: str, opciones: dict[str, Any]) -> None:
    """Sigue solo si alguien dice que sí; sin terminal donde preguntar, hay que haberlo dicho."""
    if opciones["si"]:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{pregunta} No hay terminal en la que preguntar: añade --si.")
    try:
        respuesta = input(f"{pregunta} No tiene vuelta atrás. ¿Seguir? [s/N] ")
    except EOFError:
        respuesta = ""
    if respuesta.strip().lower() not in {"s", "si", "sí"}:
        raise CommandError("No se ha cambiado nada.")


def avisar_de_los_que_quedan(salida: Any, archivos: int) -> None:
    """Si el almacén no dejó borrar alguno: está todo lo demás hecho."""
    if archivos:
        salida.write(
            f"El almacén no dejó borrar {archivos} archivos, que ya no ve nadie: el servidor lo"
            " intenta cada minuto. Mira sus permisos."
        )


def hallar_usuario(id_: str) -> Usuario:
    """Por identificador o, si no, por nombre de usuario."""
    hay = Usuario.objects
    fila = hay.filter(pk=id_).first() or hay.filter(username=id_).first()
    if fila is None:
        raise CommandError(f"No hay ningún usuario «{id_}»")
    return fila
