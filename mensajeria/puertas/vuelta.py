"""Lo que sale en una vuelta del bucle: una conexión escribe una vez, por mucho que se le envíe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Protocol
from weakref import WeakKeyDictionary


class ConSalida(Protocol):
    """Una conexión con algo por salir: sus tramas, en `saliendo`, o nada si ya salieron."""

    transporte: asyncio.Transport
    saliendo: list[bytes] | None


class Vuelta:
    """Las conexiones con algo por salir en esta vuelta del bucle."""

    def __init__(self, bucle: asyncio.AbstractEventLoop) -> None:
        self.con_algo: list[ConSalida] = []
        # Lo llama la primera que tiene algo: al acabar la vuelta se vacían todas.
        self.empezar = partial(bucle.call_soon, self._vaciar)

    def _vaciar(self) -> None:
        con_algo, self.con_algo = self.con_algo, []
        vaciar(con_algo)


def vaciar(conexiones: Iterable[ConSalida]) -> None:
    """Da a cada transporte lo que su conexión tiene por salir."""
    # Con cada mensaje pasan por aquí todos los de su sala: la llamada a cada uno, su `suppress`, o
    # unir una trama sola, es lo que se ahorra.
    for conexion in conexiones:
        tramas = conexion.saliendo
        if tramas is None:
            continue
        conexion.saliendo = None
        try:  # noqa: SIM105
            conexion.transporte.write(tramas[0] if len(tramas) == 1 else b"".join(tramas))
        except RuntimeError:
            pass  # ya cerrado: lo dirá `connection_lost` en otra vuelta


_vueltas: WeakKeyDictionary[asyncio.AbstractEventLoop, Vuelta] = WeakKeyDictionary()


def de_este_bucle() -> Vuelta:
    """La del bucle en marcha, la misma para todas sus conexiones."""
    bucle = asyncio.get_running_loop()
    vuelta = _vueltas.get(bucle)
    if vuelta is None:
        vuelta = _vueltas[bucle] = Vuelta(bucle)
    return vuelta
