"""Las peticiones que buscan: en sus hilos, para que las demás no las esperen."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

_RUTA = re.compile(r"/api/mensajeria/buscar/?")
# En este proceso: las que se hacen y las que esperan, y de ellas las de una persona. Quien escribe
# lo que busca pide otra antes de que llegue la anterior.
HILOS = 2
MAX = 60
EN_ESPERA = 8

_pendientes = 0


def es_busqueda(scope: Any) -> bool:
    return _RUTA.fullmatch(scope["path"]) is not None


@contextlib.contextmanager
def pendiente() -> Iterator[None]:
    """Mientras espera o se hace una; RATE_LIMITED si ya son demasiadas entre todos."""
    global _pendientes
    if _pendientes >= MAX:
        raise ErrorMensajeria(
            CodigoError.RATE_LIMITED, "Demasiadas búsquedas a la vez", reintentar_en=1.0
        )
    _pendientes += 1
    try:
        yield
    finally:
        _pendientes -= 1
