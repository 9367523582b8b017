"""`manage.py crear_usuario`: una cuenta, con el identificador con que la nombra otro sistema."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from mensajeria.consola.orden_de_consola import OrdenDeConsola
from mensajeria.models import Usuario, sin_arroba
from mensajeria.operaciones import usuarios
from mensajeria.operaciones.grupo import moderacion


class Command(OrdenDeConsola):
    help = (
        "Crea una cuenta. Su contraseña se pregunta, o se lee de la entrada si no hay terminal."
        " Ejemplo: manage.py crear_usuario ana --id 507f1f77bcf86cd799439011 --nombre Ana"
    )
    missing_args_message = "Falta su nombre de usuario, con el que entra"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("usuario", help="con el que entra")
        parser.add_argument("--id", help="el de sus tokens; si no se dice, uno nuevo")
        parser.add_argument("--nombre", default="")
        parser.add_argument("--apellido", default="")
        parser.add_argument("--correo", default="")
        parser.add_argument("--experto", action="store_true")
        parser.add_argument("--modera", action="store_true", help="entra en la mesa, y modera")
        parser.add_argument("--administra", action="store_true", help="puede todo")
        parser.add_argument(
            "--sin-clave", action="store_true", help="entra solo con tokens de otro sistema"
        )

    def handle(self, *args: Any, **opciones: Any) -> None:
        fila = Usuario(
            username=opciones["usuario"],
            nombre=opciones["nombre"] or sin_arroba(opciones["usuario"]),
            apellido=opciones["apellido"],
            email=opciones["correo"],
            es_experto=opciones["experto"],
            is_staff=opciones["modera"] or opciones["administra"],
            is_superuser=opciones["administra"],
            **({"pk": opciones["id"]} if opciones["id"] else {}),
        )
        try:
            _poner_clave(fila, sin_clave=opciones["sin_clave"])
            fila.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        usuarios.guardar(fila, None)
        if opciones["modera"]:
            fila.groups.add(moderacion())
        self.stdout.write(f"Creado «{fila.username}», con el identificador {fila.pk}")


def _poner_clave(fila: Usuario, *, sin_clave: bool) -> None:
    if sin_clave:
        fila.set_unusable_password()
        return
    clave = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline()
    clave = clave.rstrip("\n")
    if not clave:
        raise CommandError("Falta la contraseña; para no ponerla, --sin-clave")
    validate_password(clave, fila)
    fila.set_password(clave)
