"""Lo que se recuerda de las conversaciones: poco, y nunca a medias."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.ordenes import recordadas as modulo
from mensajeria.ordenes.recordadas import Recordadas


class _Filas:
    """De `Filas`, lo que se mira."""

    def __init__(self, *pares: tuple[str, str]) -> None:
        self.conversaciones = {c: f"fila de {c}" for c, _ in pares}
        self.participantes = {par: f"fila de {par}" for par in pares}


def _recordar(memoria: Recordadas, *pares: tuple[str, str]) -> None:
    filas: Any = _Filas(*pares)
    memoria.recordar(filas, pares)


def test_se_recuerda_por_pares() -> None:
    memoria = Recordadas()
    _recordar(memoria, ("c1", "ana"), ("c1", "beto"), ("c2", "ana"))
    leido = memoria.leer([("c1", "beto"), ("c2", "ana")])
    assert leido is not None
    assert list(leido.conversaciones) == ["fila de c1", "fila de c2"]
    assert list(leido.participantes) == ["fila de ('c1', 'beto')", "fila de ('c2', 'ana')"]
    assert memoria.leer([("c1", "ana"), ("c2", "beto")]) is None
    assert memoria.leer([("c3", "ana")]) is None
    memoria.olvidar(["c1", "no está"])
    assert memoria.leer([("c1", "ana")]) is None
    assert memoria.leer([("c2", "ana")]) is not None


def test_se_olvida_lo_que_mas_lleva_sin_usarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modulo, "MAX_CONVERSACIONES", 2)
    monkeypatch.setattr(modulo, "MAX_PERSONAS", 2)
    memoria = Recordadas()
    for par in (("c1", "ana"), ("c2", "ana"), ("c1", "beto"), ("c3", "ana"), ("c1", "carla")):
        _recordar(memoria, par)
    assert memoria.leer([("c2", "ana")]) is None
    assert memoria.leer([("c1", "ana")]) is None
    assert memoria.leer([("c1", "beto"), ("c1", "carla"), ("c3", "ana")]) is not None
