"""De lo medido en un escalón, a qué cedió."""

from __future__ import annotations

import dataclasses

import pytest

from bancos.carga.servidor import ACUSE, leer, percentil
from bancos.carga.sintomas import CAUSAS, Medida, cede, del_servidor
from tests.servicios import RAIZ

TOPE = 0.25
BIEN = Medida(
    gente=50, segundos=10, acuses=[0.01] * 100, entregas=500, probador=0.1, cpu=0.2, bucle=0.002
)
LENTOS = [0.01] * 50 + [0.6] * 50


@pytest.mark.parametrize(
    ("cambia", "causa"),
    [
        ({}, None),
        ({"fallo": 'no entraron 3: {"code":"RATE_LIMITED"}'}, "limite"),
        ({"fallo": "no entraron 3: No se abrió: b'HTTP/1.1 429 Too'"}, "limite"),
        ({"fallo": "no entraron 3: No se abrió: b'HTTP/1.1 503 Serv'"}, "sin-sitio"),
        ({"fallo": "no entraron 3: no contesta", "cpu": 0.97}, "cpu"),
        ({"fallo": "el servidor cerró una conexión", "acuses": []}, "sin-saber"),
        ({"acuses": LENTOS, "probador": 0.9, "cpu": 0.97}, "probador"),
        ({"acuses": LENTOS, "cpu": 0.97, "lote": 0.5}, "cpu"),
        ({"acuses": LENTOS, "bucle": 0.3}, "bucle"),
        ({"acuses": LENTOS, "bucle": 0.3, "cpu": None}, "cpu"),
        ({"acuses": LENTOS, "lote": 0.4}, "base"),
        ({"acuses": LENTOS, "lote": 0.02, "acuse_del_servidor": 0.05}, "camino"),
        ({"acuses": LENTOS, "lote": 0.02, "acuse_del_servidor": 0.5}, "sin-saber"),
        ({"acuses": LENTOS, "cpu": None, "bucle": None}, "sin-saber"),
    ],
)
def test_que_cede(cambia: dict, causa: str | None) -> None:
    assert cede(dataclasses.replace(BIEN, **cambia), TOPE) == causa


def test_cada_causa_se_explica() -> None:
    documento = (RAIZ / "docs" / "carga.md").read_text()
    assert [causa for causa in CAUSAS if f"| `{causa}` |" not in documento] == []


def _texto(rapidos: int, lentos: int, cpu: float) -> str:
    return (
        f"# TYPE {ACUSE} histogram\n"
        f'{ACUSE}_bucket{{le="0.01"}} {rapidos}\n{ACUSE}_bucket{{le="0.05"}} {rapidos + lentos}\n'
        f'{ACUSE}_bucket{{le="+Inf"}} {rapidos + lentos}\n'
        f"# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total {cpu}\n"
    )


def test_lo_que_dice_el_servidor_es_lo_de_entre_dos_fotos() -> None:
    antes, despues = leer(_texto(1000, 0, 5.0)), leer(_texto(1050, 50, 9.0))
    suyo = del_servidor(antes, despues, 8.0)
    assert suyo["cpu"] == 0.5
    assert suyo["acuse_del_servidor"] == pytest.approx(0.0492)
    # De lo que no hubo nada no se dice nada.
    assert suyo["lote"] is None
    assert percentil(antes.cubos[ACUSE], antes.cubos[ACUSE], 0.99) is None
    assert del_servidor(None, despues, 8.0) == {}
