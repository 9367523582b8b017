"""Una fila corta, de verdad: siembra, servidor, clientes y figuras."""

from __future__ import annotations

from functools import partial

import pytest

from bancos import corrida
from bancos.escenarios import mensajes
from bancos.filas import Fila
from bancos.servidores import Taller
from bancos.siembra import Siembra

pytestmark = [pytest.mark.servidor, pytest.mark.elige_base]


def test_una_fila_da_sus_figuras(tmp_path):
    fila = Fila(
        "corta",
        "Mensaje guardado",
        Siembra().salas("s", 2, 2),
        partial(mensajes.en_vuelo, prefijo="s", cuantas=2, mensajes=2),
        ("sqlite",),
    )
    with Taller(tmp_path) as taller:
        (resultado,) = corrida.correr([fila], taller, 1, 0.3, lambda _: True)

    (figuras,) = resultado.veces["sqlite"]
    assert figuras["us"] > 0
    assert 0 < figuras["p50_ms"] <= figuras["p99_ms"]
