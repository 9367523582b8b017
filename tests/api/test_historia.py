"""Las páginas de la historia dicen en qué época valen sus números, y empiezan de nuevo en otra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mensajeria.models import cambiar_epoca, epoca_actual
from tests.api.test_rutas import C, cliente

pytestmark = pytest.mark.bd

MENSAJES = C + "conv/mensajes/"


@pytest.fixture
def siete(decir: Any) -> None:
    for i in range(7):
        decir("ana", f"m{i}")


def _paginas(camino: str) -> Iterator[dict[str, Any]]:
    siguiente: str | None = camino
    while siguiente:
        pagina = cliente("beto").get(siguiente).json()
        siguiente = pagina["next"]
        yield pagina


def _secuencias(camino: str) -> list[int]:
    return [m["secuencia"] for pagina in _paginas(camino) for m in pagina["results"]]


@pytest.mark.parametrize(
    ("consulta", "secuencias"),
    [
        ("desdeCambio=999", [1, 2, 3, 4, 5, 6, 7]),
        ("desdeCambio=999&limite=3", [1, 2, 3, 4, 5, 6, 7]),
        ("desdeCambio=4&epoca=otra&limite=2", [1, 2, 3, 4, 5, 6, 7]),
        ("desdeCambio=4&epoca=otra&despues=5&antes=6", [1, 2, 3, 4, 5, 6, 7]),
        ("despues=999&limite=3", [7, 6, 5, 4, 3, 2, 1]),
        ("antes=3&epoca=otra&limite=3", [7, 6, 5, 4, 3, 2, 1]),
        ("epoca=", [7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_de_otra_epoca_o_del_futuro_todo_de_nuevo(
    siete: None, consulta: str, secuencias: list[int]
) -> None:
    primera = next(_paginas(f"{MENSAJES}?{consulta}"))
    assert (primera["reiniciado"], primera["epoca"]) == (True, epoca_actual())
    assert _secuencias(f"{MENSAJES}?{consulta}") == secuencias


@pytest.mark.parametrize(
    ("consulta", "secuencias"),
    [
        ("desdeCambio=6", [6, 7]),
        ("desdeCambio=8", []),
        ("desdeCambio=5&despues=6", [7]),
        ("desdeCambio=3&despues=7", []),
        ("despues=7", []),
        ("antes=1", []),
        ("antes=3", [2, 1]),
    ],
)
def test_en_la_suya_lo_que_falta(siete: None, consulta: str, secuencias: list[int]) -> None:
    for de_esta in ("", f"&epoca={epoca_actual()}"):
        pagina = next(_paginas(f"{MENSAJES}?{consulta}{de_esta}"))
        assert [m["secuencia"] for m in pagina["results"]] == secuencias
        assert (pagina["reiniciado"], pagina["epoca"]) == (False, epoca_actual())


@pytest.mark.parametrize("consulta", ["limite=3", "limite=3&desdeCambio=2"])
def test_si_cambia_entre_dos_paginas_la_segunda_empieza_de_nuevo(
    siete: None, consulta: str
) -> None:
    primera = next(_paginas(f"{MENSAJES}?{consulta}"))
    cambiar_epoca(epoca_actual())
    segunda = cliente("beto").get(primera["next"]).json()
    assert segunda["reiniciado"]
    assert segunda["epoca"] == epoca_actual() != primera["epoca"]
    assert sorted(m["secuencia"] for m in segunda["results"]) in ([1, 2, 3], [5, 6, 7])
    assert len(_secuencias(primera["next"])) == 7


def test_cada_conversacion_la_dice(siete: None) -> None:
    assert cliente("beto").get(f"{C}conv/").json()["epoca"] == epoca_actual()
    [una] = cliente("beto").get(C).json()["results"]
    assert una["epoca"] == epoca_actual()
