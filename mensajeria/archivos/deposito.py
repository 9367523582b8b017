"""Dónde están los bytes: el almacén `archivos` de `STORAGES`, con nombres que pone el servidor."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

ALMACEN = "archivos"
PARTES = ("contenido", "pequena", "mediana")

_no_responde = Suceso(
    registro,
    "El almacén de archivos no responde, o no deja escribir (%s): ni se suben ni se ven",
    "El almacén de archivos responde otra vez",
)


def _almacen() -> Storage:
    return storages[ALMACEN]


def _nombre(archivo_id: str, parte: str) -> str:
    # Por el final del identificador, que varía: ninguna carpeta tiene demasiados.
    return f"{archivo_id[-2:]}/{archivo_id}.{parte}"


@contextlib.contextmanager
def _sin_fallar() -> Iterator[None]:
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
    with _sin_fallar():
        guardado = _almacen().save(nombre, ContentFile(crudo))
        if guardado != nombre:
            _almacen().delete(guardado)
            raise OSError(f"{nombre} ya estaba")


def abrir(archivo_id: str, parte: str) -> File[bytes]:
    """FileNotFoundError si no está; UNAVAILABLE si no se puede."""
    with _sin_fallar():
        return _almacen().open(_nombre(archivo_id, parte), "rb")


def borrar(archivo_id: str) -> None:
    """Todo lo suyo; lo que no esté, no estaba. UNAVAILABLE si no se puede."""
    with _sin_fallar():
        for parte in PARTES:
            _almacen().delete(_nombre(archivo_id, parte))


def guardados() -> Iterator[str]:
    """Los identificadores de los que hay algo, por lo que dicen los nombres; sin repetir."""
    with contextlib.suppress(FileNotFoundError):
        for carpeta in _almacen().listdir("")[0]:
            yield from {n.rpartition(".")[0] for n in _almacen().listdir(carpeta)[1]}
