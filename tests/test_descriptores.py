"""El límite se sube, y su cercanía se dice antes de que llegue."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mensajeria import descriptores, metricas, sucesos
from tests.servicios import RAIZ


@pytest.fixture
def limite(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """El blando y el duro, de pega."""
    valores = [100, 1000]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(valores))
    monkeypatch.setattr(sucesos, "CALMA", 0.0)
    monkeypatch.setattr(descriptores._escasean, "dura", False)
    yield valores


def test_subir_llega_al_maximo_duro() -> None:
    guion = (
        "import resource; from mensajeria import descriptores\n"
        "duro = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, duro))\n"
        "descriptores.subir()\n"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE) == (duro, duro)\n"
    )
    subprocess.run([sys.executable, "-c", guion], cwd=RAIZ, check=True)


def test_cerca_del_limite_se_dice_una_vez(
    limite: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    abiertos = 79
    monkeypatch.setattr(os, "listdir", lambda _: range(abiertos))
    descriptores.mirar()
    assert caplog.messages == []
    abiertos = 80
    for _ in range(3):
        descriptores.mirar()
    [dicho] = caplog.messages
    assert "80 de 100" in dicho
    assert metricas.DESCRIPTORES._value.get() == 80
    assert metricas.DESCRIPTORES_MAXIMO._value.get() == 100
    abiertos = 10
    descriptores.mirar()
    assert len(caplog.messages) == 2


def test_la_reserva_es_la_cuarta_parte_si_hay_pocos(limite: list[int]) -> None:
    assert descriptores.reserva() == 25
    assert descriptores.quedan(74) == 25
    limite[0] = 100_000
    assert descriptores.reserva() == descriptores.RESERVA
    limite[0] = resource.RLIM_INFINITY
    assert descriptores.quedan(10_000) > descriptores.RESERVA
