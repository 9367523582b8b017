"""Lo que comparten las órdenes: preguntar antes de destruir, y escribir un archivo de una vez."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from mensajeria.models import Usuario


def argumentos_de_destruir(parser: CommandParser) -> None:
    parser.add_argument("--simular", action="store_true", help="solo dice qué haría")
    parser.add_argument("--si", action="store_true", help="no pregunta")


def confirmar(pregunta: str, opciones: dict[str, Any]) -> None:
    """Sigue solo si alguien dice que sí; sin terminal donde preguntar, hay que haberlo dicho."""
    if opciones["si"]:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{pregunta} No hay terminal en la que preguntar: añade --si.")
    respuesta = input(f"{pregunta} No tiene vuelta atrás. ¿Seguir? [s/N] ")
    if respuesta.strip().lower() not in {"s", "si", "sí"}:
        raise CommandError("No se ha cambiado nada.")


def escribir(lineas: Iterable[bytes], salida: Path | None, por_defecto: Any) -> int:
    """Cuántas escribe. Un archivo aparece cuando está entero, y solo lo lee su dueño."""
    cuantas = 0
    if salida is None:
        for cuantas, linea in enumerate(lineas, 1):  # noqa: B007
            por_defecto.write(linea.decode(), ending="")
        return cuantas
    a_medias = salida.with_name(salida.name + ".parcial")
    try:
        descriptor = os.open(a_medias, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as archivo:
            for cuantas, linea in enumerate(lineas, 1):  # noqa: B007
                archivo.write(linea)
        a_medias.replace(salida)
    except OSError as error:
        with suppress(OSError):
            a_medias.unlink(missing_ok=True)
        raise CommandError(f"No se pudo escribir {salida}: {error.strerror}") from None
    return cuantas


def hallar_usuario(id_: str) -> Usuario:
    """Por identificador o, si no, por nombre de usuario."""
    hay = Usuario.objects
    fila = hay.filter(pk=id_).first() or hay.filter(username=id_).first()
    if fila is None:
        raise CommandError(f"No hay ningún usuario «{id_}»")
    return fila
