"""Devolver al sistema la memoria que ya no se usa.

Lo que una respuesta grande ocupó queda libre, pero en manos del proceso: glibc conserva un montón
por hilo, y de los que atienden por turnos cada uno guarda su peor momento. Con seis lectores lentos
de una página de medio megabyte, de 204 MB residentes se queda en 143, y no en 203.
"""

from __future__ import annotations

import asyncio
import ctypes
from concurrent.futures import ThreadPoolExecutor

# Segundos que se espera a que otras terminen, para hacerlo una vez por todas.
ESPERA = 1.0

_hilo = ThreadPoolExecutor(1, thread_name_prefix="memoria")


class Recorte:
    """Devuelve lo que sobra, un momento después de que alguien lo pida y en otro hilo."""

    def __init__(self) -> None:
        self._pendiente = False

    def pedir(self) -> None:
        """Desde el bucle; los que llegan mientras tanto son uno."""
        if not self._pendiente:
            self._pendiente = True
            asyncio.get_running_loop().call_later(ESPERA, self._hacer)

    def _hacer(self) -> None:
        self._pendiente = False
        _hilo.submit(recortar)


def recortar() -> None:
    """Lo hace ya; sin glibc (en macOS, en Alpine) no hay con qué."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
