"""Los archivos que deja una orden: enteros o ninguno, y solo para quien toca."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from mensajeria.consola.progreso import Barra
from servitech.registro import PERMISOS, cerrar_a_otros

# Una dirección de SQLite con `mode=ro` o `mode=rw`.
_SOLO_SI_ESTA = re.compile(r"file:.*[?&]mode=(ro|rw)(&|$)")
_MOTIVOS = {
    errno.EACCES: "no hay permiso",
    errno.EISDIR: "es una carpeta",
    errno.ENOENT: "la carpeta no existe",
    errno.ENOSPC: "no queda sitio en el disco",
    errno.ENOTDIR: "la carpeta no existe",
    errno.EROFS: "el disco es de solo lectura",
}


def no_se_pudo_guardar(ruta: Path, error: OSError) -> CommandError:
    motivo = _MOTIVOS.get(error.errno or 0, error.strerror)
    return CommandError(f"No se pudo escribir {ruta}: {motivo}")


def exportar(
    lineas: Iterable[bytes], son: int, opciones: dict[str, Any], por_defecto: Any, avisos: Any
) -> None:
    """Las guarda en `opciones["salida"]`, diciendo en `avisos` cuántas van y cuántas fueron.

    `son`, más o menos.
    """
    # Si las líneas salen por la terminal, la barra se metería entre ellas.
    a_la_vista = opciones["salida"] is None and por_defecto.isatty()
    barra = Barra(avisos, muda=a_la_vista or opciones["verbosity"] == 0)
    try:
        contadas = _contadas(lineas, lambda n: barra("líneas", n, son))
        cuantas = guardar(contadas, opciones["salida"], por_defecto)
    finally:
        barra.terminar()
    avisos.write(f"{cuantas} líneas")


def guardar(lineas: Iterable[bytes], salida: Path | None, por_defecto: Any) -> int:
    """Devuelve cuántas son. Un archivo aparece cuando está entero, y solo lo lee su dueño."""
    cuantas = 0
    if salida is None:
        for cuantas, linea in enumerate(lineas, 1):  # noqa: B007
            por_defecto.write(linea.decode(), ending="")
        return cuantas
    try:
        with _entero_o_nada(salida) as archivo:
            for cuantas, linea in enumerate(lineas, 1):  # noqa: B007
                archivo.write(linea)
    except OSError as error:
        raise no_se_pudo_guardar(salida, error) from None
    return cuantas


def _contadas(lineas: Iterable[bytes], avisar: Callable[[int], None]) -> Iterator[bytes]:
    for n, linea in enumerate(lineas, 1):
        yield linea
        avisar(n)


@contextmanager
def _entero_o_nada(salida: Path) -> Iterator[Any]:
    """Lo que no es un archivo (tubo, dispositivo, enlace) no se reemplaza: se escribe en él."""
    if salida.is_symlink() or (salida.exists() and not salida.is_file()):
        with salida.open("wb") as archivo:
            yield archivo
        return
    a_medias = salida.with_name(salida.name + ".parcial")
    descriptor = os.open(a_medias, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as archivo:
            yield archivo
        a_medias.replace(salida)
    except BaseException:
        with suppress(OSError):
            a_medias.unlink(missing_ok=True)
        raise


def reservar_base() -> None:
    """El archivo de SQLite y los que SQLite pone a su lado, a 0640; si no está, vacío y ya así,
    salvo que su `mode` diga que no se cree.

    Si no se puede, ya se quejará la base con más detalle.
    """
    archivo = connection.settings_dict.get("ARCHIVO")
    if archivo is None:
        return
    if not _SOLO_SI_ESTA.match(str(connection.settings_dict["NAME"])):
        with suppress(OSError):
            os.close(os.open(archivo, os.O_CREAT | os.O_RDWR, PERMISOS))
    for sufijo in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            cerrar_a_otros(f"{archivo}{sufijo}")
