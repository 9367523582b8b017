"""Dónde están los bytes: el almacén `archivos` de `STORAGES`, con nombres que pone el servidor."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import IO, Protocol, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

from mensajeria.models import nuevo_id
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import PARTES
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

ALMACEN = "archivos"

_no_responde = Suceso(
    registro,
    "El almacén de archivos no responde, o no deja escribir (%s): ni se suben ni se ven",
    "El almacén de archivos responde otra vez",
)


class AlmacenDeArchivos(Protocol):
    """Lo que se le pide a uno: es de Django, salvo `leer`."""

    def exists(self, name: str) -> bool: ...
    def save(self, name: str, content: File[bytes]) -> str: ...
    def delete(self, name: str) -> None: ...
    def listdir(self, path: str) -> tuple[list[str], list[str]]: ...
    def leer(self, name: str, desde: int, largo: int) -> IO[bytes]: ...


def _almacen() -> AlmacenDeArchivos:
    return cast(AlmacenDeArchivos, storages[ALMACEN])


def _nombre(archivo_id: str, parte: str) -> str:
    # Por el final del identificador, que varía: ninguna carpeta tiene demasiados.
    return f"{archivo_id[-2:]}/{archivo_id}.{parte}"


@contextlib.contextmanager
def sin_fallar() -> Iterator[None]:
    """Lo que falle es UNAVAILABLE, y se dice una vez: cada almacén tiene sus errores."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        _no_responde.pasa(error)
        raise ErrorMensajeria(
            CodigoError.UNAVAILABLE,
            "El almacén de archivos no responde; inténtalo de nuevo",
            reintentar_en=5.0,
        ) from error
    _no_responde.no_pasa()


def guardar(archivo_id: str, parte: str, crudo: bytes) -> None:
    """UNAVAILABLE si no se puede."""
    nombre = _nombre(archivo_id, parte)
    with sin_fallar():
        guardado = _almacen().save(nombre, ContentFile(crudo))
        if guardado != nombre:
            _almacen().delete(guardado)
            raise OSError(f"{nombre} ya estaba")


def leer(archivo_id: str, parte: str, desde: int, largo: int) -> IO[bytes]:
    """Ese tramo, para leerlo y cerrarlo, con `sin_fallar`; FileNotFoundError si no está.

    UNAVAILABLE si no se puede.
    """
    with sin_fallar():
        return _almacen().leer(_nombre(archivo_id, parte), desde, largo)


def leer_entero(archivo_id: str, parte: str, tamano: int) -> bytes:
    """Lo mismo, de una vez."""
    with leer(archivo_id, parte, 0, tamano) as abierto, sin_fallar():
        return abierto.read()


def borrar(archivo_id: str) -> None:
    """Todo lo suyo; lo que no esté, no estaba. UNAVAILABLE si no se puede."""
    with sin_fallar():
        for parte in PARTES:
            _almacen().delete(_nombre(archivo_id, parte))


def esta(archivo_id: str, parte: str) -> bool:
    """UNAVAILABLE si no se sabe."""
    with sin_fallar():
        return _almacen().exists(_nombre(archivo_id, parte))


def probar() -> None:
    """Escribe, borra y pregunta por lo que ya no está; UNAVAILABLE si no se puede."""
    with sin_fallar():
        nombre = _almacen().save(f"00/{nuevo_id()}.prueba", ContentFile(b"prueba"))
        _almacen().delete(nombre)
        # Un S3 que no deja listar niega, también a sus dueños, lo que no tiene.
        _almacen().exists(nombre)


def guardados() -> Iterator[str]:
    """Los identificadores de los que hay algo, por lo que dicen los nombres; sin repetir.

    UNAVAILABLE si no se puede.
    """
    with contextlib.suppress(FileNotFoundError), sin_fallar():
        for carpeta in _almacen().listdir("")[0]:
            yield from {n.rpartition(".")[0] for n in _almacen().listdir(carpeta)[1]}
