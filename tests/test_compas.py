"""Lo de cada tanto cae a la vez, y nunca antes de la mitad."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria import compas
from mensajeria.compas import hasta_el_siguiente


@pytest.mark.parametrize(
    ("hora", "cada", "falta"),
    [
        (10.1, 0.5, 0.4),
        (10.1, 2.0, 1.9),
        # Un temporizador que llega un instante antes no hace lo suyo dos veces.
        (10.4999, 0.5, 0.5001),
        (10.5, 0.5, 0.5),
        (10.3, 0.5, 0.7),
    ],
)
async def test_lo_que_falta(monkeypatch: Any, hora: float, cada: float, falta: float) -> None:
    monkeypatch.setattr(compas, "_FASE", 0.0)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: hora)
    assert hasta_el_siguiente(cada) == pytest.approx(falta)
