"""Un rato de `make fuego` en cada pasada; aquí, en SQLite."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuego import AJUSTES, fuego
from tests.servicios import Servidor

SEGUNDOS = 15.0


@pytest.mark.elige_base
def test_nada_de_fuera_hace_dano(tmp_path: Path) -> None:
    semilla = random.randrange(10_000)
    print(f"semilla {semilla}")
    with Servidor(tmp_path, **AJUSTES) as servidor:
        hechos = fuego(servidor, SEGUNDOS, semilla)
    assert hechos.total() > 50, hechos
