"""Las peticiones que traen un archivo: se sabe de quién son antes de leer nada de él."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.puertas.entrada_http import ALARGAR

# La última de las de POST es la del original, que trae el archivo con el mensaje. El identificador
# de una conversación puede llevar `/`.
_RUTAS = {
    "POST": re.compile(r"/api/mensajeria/(archivos|conversaciones/.+/(archivos|mensajes))/?"),
    "PUT": re.compile(r"/api/mensajeria/(usuarios/yo|conversaciones/.+)/avatar/?"),
}
_FORMULARIO = "multipart/form-data"
# Lo que ocupa un formulario además de su archivo.
DE_MAS = 64 * 1024
# Con poca cobertura, diez megabytes tardan minutos.
SEGUNDOS = 300.0
# Las que una persona tiene a medio enviar en este proceso; y todas, salvo la primera de cada una:
# quien envía despacio no deja fuera a nadie.
A_LA_VEZ = 6
MAX_A_LA_VEZ = 64

_enviando: Counter[str] = Counter()


def es_subida(scope: Any) -> bool:
    rutas = _RUTAS.get(scope.get("method", ""))
    if rutas is None or not rutas.fullmatch(scope["path"]):
        return False
    tipo = next((v for n, v in scope["headers"] if n == b"content-type"), b"")
    return bool(tipo.decode("latin-1").strip().lower().startswith(_FORMULARIO))


def maximo() -> int:
    """Los bytes de cuerpo que admite."""
    return int(settings.ARCHIVO_BYTES) + DE_MAS


def dar_tiempo(scope: Any) -> None:
    """Lo que tarde en llegar esta: quien lleva la conexión da a los cuerpos mucho menos."""
    if alargar := scope.get("extensions", {}).get(ALARGAR):
        alargar(SEGUNDOS)


@contextlib.contextmanager
def enviando(quien: str) -> Iterator[None]:
    """Mientras llega una de esa persona; RATE_LIMITED si no caben más."""
    suyas = _enviando[quien]
    if suyas >= A_LA_VEZ or (suyas and _enviando.total() >= MAX_A_LA_VEZ):
        raise ErrorMensajeria(
            CodigoError.RATE_LIMITED, "Demasiadas subidas a la vez", reintentar_en=2.0
        )
    _enviando[quien] += 1
    try:
        yield
    finally:
        _enviando[quien] -= 1
        if not _enviando[quien]:
            del _enviando[quien]
