"""Lo que dura se dice dos veces: al empezar y al acabar."""

from __future__ import annotations

import logging

import pytest

from mensajeria import sucesos
from mensajeria.sucesos import Suceso


def test_mil_fallos_son_una_linea_y_volver_es_otra(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    suceso = Suceso(logging.getLogger("prueba"), "cayó (%s)", "volvió")
    suceso.no_pasa()
    for n in range(1000):
        suceso.pasa(n)
        # Entre fallo y fallo hay quien tiene suerte.
        suceso.no_pasa()
    assert caplog.messages == ["cayó (0)"]
    monkeypatch.setattr(sucesos, "CALMA", 0.0)
    for _ in range(1000):
        suceso.no_pasa()
    assert caplog.messages == ["cayó (0)", "volvió"]
    suceso.pasa("otra vez")
    assert caplog.messages[2:] == ["cayó (otra vez)"]
