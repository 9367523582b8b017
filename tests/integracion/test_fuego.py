"""Un rato de `make fuego` en cada pasada, en la base de esa pasada."""

from __future__ import annotations

import random
from pathlib import Path

from tests.fuego import AJUSTES, fuego
from tests.servicios import Servidor

SEGUNDOS = 15.0


def test_nada_de_fuera_hace_dano(tmp_path: Path) -> None:
    semilla = random.randrange(10_000)
    print(f"semilla {semilla}")
    with Servidor(tmp_path, **AJUSTES) as servidor:
        hechos = fuego(servidor, SEGUNDOS, semilla)
    assert hechos.total() > 50, hechos
