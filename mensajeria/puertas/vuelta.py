"""Lo que sale en una vuelta del bucle: una conexión escribe una vez, por mucho que se le envíe."""

from __future__ import annotations

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary


class ConSalida(Protocol):
    """Una conexión con algo por salir."""

    def vaciar(self) -> None:
        """Escribe lo que se le ha dado en esta vuelta."""


class Vuelta:
    """Las conexiones con algo por salir en esta vuelta del bucle."""

    def __init__(self, bucle: asyncio.AbstractEventLoop) -> None:
        self._llamar_pronto = bucle.call_soon
        self._con_algo: list[ConSalida] = []

    def apuntar(self, conexion: ConSalida) -> None:
        """Al acabar la vuelta se vacía; una vez por vuelta y conexión."""
        if not self._con_algo:
            self._llamar_pronto(self._vaciar)
        self._con_algo.append(conexion)

    def _vaciar(self) -> None:
        con_algo, self._con_algo = self._con_algo, []
        for conexion in con_algo:
            conexion.vaciar()


_vueltas: WeakKeyDictionary[asyncio.AbstractEventLoop, Vuelta] = WeakKeyDictionary()


def de_este_bucle() -> Vuelta:
    """La del bucle en marcha, la misma para todas sus conexiones."""
    bucle = asyncio.get_running_loop()
    vuelta = _vueltas.get(bucle)
    if vuelta is None:
        vuelta = _vueltas[bucle] = Vuelta(bucle)
    return vuelta
