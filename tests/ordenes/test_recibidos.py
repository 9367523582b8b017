from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria.ordenes import recibidos as modulo
from mensajeria.ordenes.recibidos import Recibidos


class Pedidas:
    """Las órdenes que se piden, y un aviso de que hay."""

    def __init__(self) -> None:
        self.todas: list[tuple[str, str, int]] = []
        self.hay = asyncio.Event()

    def __call__(self, orden: Any, _: Any) -> None:
        carga = orden.carga
        hasta = carga.hasta_secuencia
        self.todas.append((orden.actor.usuario_id, carga.conversacion_id, hasta))
        self.hay.set()


async def test_de_cada_tic_sale_una_por_persona_y_conversacion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(modulo, "TIC", 0.01)
    pedidas = Pedidas()
    recibidos = Recibidos(pedidas)
    for quien, donde, hasta in (
        *(("ana", "c", 3), ("beto", "c", 2), ("ana", "otra", 1)),
        # De dos conexiones de la misma persona, la que más recibió.
        *(("ana", "c", 5), ("ana", "c", 4)),
    ):
        recibidos.sumar(quien, donde, hasta)
    assert pedidas.todas == []
    await asyncio.wait_for(pedidas.hay.wait(), 5)
    assert pedidas.todas == [("ana", "c", 5), ("beto", "c", 2), ("ana", "otra", 1)]

    pedidas.hay.clear()
    recibidos.sumar("beto", "c", 6)
    await asyncio.wait_for(pedidas.hay.wait(), 5)
    assert pedidas.todas[3:] == [("beto", "c", 6)]


async def test_lo_juntado_se_puede_soltar_antes() -> None:
    pedidas = Pedidas()
    recibidos = Recibidos(pedidas)
    recibidos.sumar("ana", "c", 3)
    recibidos.soltar()
    recibidos.soltar()
    assert pedidas.todas == [("ana", "c", 3)]
