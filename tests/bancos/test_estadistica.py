"""Percentiles y cifras."""

from __future__ import annotations

import pytest

from bancos.estadistica import cifras, percentil


@pytest.mark.parametrize(
    ("parte", "valor"), [(0.5, 50), (0.99, 99), (0.999, 100), (1, 100), (0, 1)]
)
def test_el_percentil_deja_esa_parte_en_el_o_por_debajo(parte, valor):
    assert percentil([*range(100, 0, -1)], parte) == valor


def test_con_una_sola_vez_es_esa():
    assert percentil([7.0], 0.5) == percentil([7.0], 0.99) == 7.0


@pytest.mark.parametrize(
    ("valor", "texto"),
    [
        (0, "0"),
        (0.0123, "0,012"),
        (5.678, "5,68"),
        (56.78, "56,8"),
        (567.8, "568"),
        (1234567.8, "1.234.568"),
    ],
)
def test_tres_cifras_con_coma(valor, texto):
    assert cifras(valor) == texto
