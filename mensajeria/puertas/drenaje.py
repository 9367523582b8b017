"""Cerrar muchas conexiones sin que vuelvan todas a la vez, y con lo que pidieron contestado."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

# Las que tocan en este rato se cierran juntas, en segundos.
RATO = 0.05


async def drenar(
    abiertas: Iterable[T],
    pausar: Callable[[T], object],
    cerrar: Callable[[T], object],
    segundos: float,
    al_dia: Callable[[], Awaitable[None]],
) -> None:
    """Las cierra repartidas por igual en esos segundos: la primera ya, y la última antes del fin.

    A las que tocan se las deja de leer (`pausar`), y se espera a que esté contestado lo que ya
    habían pedido (`al_dia`).
    """
    por_cerrar = list(abiertas)
    bucle = asyncio.get_running_loop()
    inicio, cerradas = bucle.time(), 0
    while cerradas < len(por_cerrar):
        falta = inicio + segundos * cerradas / len(por_cerrar) - bucle.time()
        await asyncio.sleep(max(falta, 0))
        van = (bucle.time() + RATO - inicio) / segundos * len(por_cerrar)
        tocan = por_cerrar[cerradas : max(cerradas + 1, int(van))]
        for una in tocan:
            pausar(una)
        await al_dia()
        for una in tocan:
            cerrar(una)
        cerradas += len(tocan)
