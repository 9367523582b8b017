"""Dónde están los bytes: el almacén `archivos` de `STORAGES`, con nombres que pone el servidor."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Protocol, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages

from mensajeria.models import nuevo_id
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import PARTES
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

ALMACEN = "archivos"
# Lo que se guarda, y en qué carpetas: en las demás no se mira, que pueden ser de otro.
_NUESTRO = re.compile(r"([0-9a-f]{24})[._].+")
_CARPETA = re.compile(r"[0-9a-f]{2}")
# Lo que se espera a que haya sitio.
SEGUNDOS_SIN_SITIO = 60.0

# Los de un S3 se borran con una petición cada uno: de cuatro en cuatro.
_hilos = ThreadPoolExecutor(4, thread_name_prefix="borrar-archivos")

_no_responde = Suceso(
    registro,
    "El almacén de archivos no responde, o no deja escribir (%s): ni se suben ni se ven",
    "El almacén de archivos responde otra vez",
)
_no_borra = Suceso(
    registro,
    "El almacén de archivos no deja borrar (%s): lo que sobra sigue ahí, sin que nadie lo vea",
    "El almacén de archivos deja borrar otra vez",
)
_no_cabe = Suceso(
    registro,
    "Al disco de los archivos le queda poco (%s): no se sube ninguno, y lo demás sigue",
    "En el disco de los archivos hay sitio otra vez",
)


class AlmacenDeArchivos(Protocol):
    """Lo que se le pide a uno: es de Django, salvo `leer` y `queda_sitio`."""

    def exists(self, name: str) -> bool: ...
    def save(self, name: str, content: File[bytes]) -> str: ...
    def delete(self, name: str) -> None: ...
    def listdir(self, path: str) -> tuple[list[str], list[str]]: ...
    def leer(self, name: str, desde: int, largo: int) -> IO[bytes]: ...
    def queda_sitio(self) -> bool: ...


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


def exigir_sitio() -> None:
    """UNAVAILABLE si no lo hay para otro."""
    try:
        queda = _almacen().queda_sitio()
    except OSError:
        # No se sabe: lo dirá al guardarlo.
        return
    if not queda:
        _no_cabe.pasa("libera sitio, o pon los archivos en otro con ARCHIVOS")
        raise ErrorMensajeria(
            CodigoError.UNAVAILABLE,
            "En el servidor no queda sitio para más archivos; díselo a quien lo lleva",
            reintentar_en=SEGUNDOS_SIN_SITIO,
        )
    _no_cabe.no_pasa()


def borrar(ids: Sequence[str]) -> list[str]:
    """Todo lo de esos archivos; cuáles se pudo. Lo que no esté, no estaba."""
    return borrar_guardado({id_: [_nombre(id_, parte) for parte in PARTES] for id_ in ids})


def borrar_guardado(de_cada: Mapping[str, Sequence[str]]) -> list[str]:
    """Lo de cada identificador, por sus nombres; de cuáles se pudo."""
    fallos = dict(zip(de_cada, _hilos.map(_borrar, de_cada.values()), strict=True))
    if por_que := next(filter(None, fallos.values()), None):
        _no_borra.pasa(por_que)
    else:
        _no_borra.no_pasa()
    return [id_ for id_, fallo in fallos.items() if fallo is None]


def _borrar(nombres: Iterable[str]) -> Exception | None:
    try:
        for nombre in nombres:
            _almacen().delete(nombre)
    except Exception as error:
        return error
    return None


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


def guardados() -> Iterator[tuple[str, list[str]]]:
    """Cada identificador del que hay algo, y los nombres de todo lo suyo.

    UNAVAILABLE si no se puede.
    """
    with contextlib.suppress(FileNotFoundError), sin_fallar():
        for carpeta in filter(_CARPETA.fullmatch, _almacen().listdir("")[0]):
            suyos: dict[str, list[str]] = {}
            for nombre in _almacen().listdir(carpeta)[1]:
                if nuestro := _NUESTRO.fullmatch(nombre):
                    suyos.setdefault(nuestro[1], []).append(f"{carpeta}/{nombre}")
            yield from suyos.items()
