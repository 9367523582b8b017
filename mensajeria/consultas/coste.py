"""Lo que cuesta una lectura: cuántas filas trae, y en cuántos bytes de JSON se queda."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class _Hilo(threading.local):
    filas = 0
    bytes = 0


_hilo = _Hilo()


def leidas(*, filas: int = 0, bytes_: int = 0) -> None:
    """Lo suma a lo que lleva leído este hilo."""
    _hilo.filas += filas
    _hilo.bytes += bytes_


class Coste:
    """Las `filas` y los `bytes` que se leen dentro de una función."""

    def __init__(self) -> None:
        self.filas = self.bytes = 0

    def contar(self, funcion: Callable[..., T], *args: Any) -> T:
        filas, bytes_ = _hilo.filas, _hilo.bytes
        try:
            return funcion(*args)
        finally:
            self.filas += _hilo.filas - filas
            self.bytes += _hilo.bytes - bytes_
