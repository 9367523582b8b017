"""`GET buscar/`: lo que se pide y cómo llega."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from mensajeria.api import paginas
from mensajeria.models import Mensaje
from tests.api.test_rutas import cliente

pytestmark = pytest.mark.bd

BUSCAR = "/api/mensajeria/buscar/"


def textos(respuesta: Any) -> list[str]:
    assert respuesta.status_code == 200, respuesta.content
    return [h["mensaje"]["contenido"]["texto"] for h in respuesta.json()["results"]]


def test_un_hallado_es_un_mensaje_y_su_fragmento(decir: Any) -> None:
    id_ = decir("ana", "El año del ñandú").mensaje_id
    ana = cliente("ana")
    respuesta = ana.get(BUSCAR, {"q": "nandu"})
    [hallado] = respuesta.json()["results"]
    assert hallado["mensaje"] == ana.get(f"/api/mensajeria/mensajes/{id_}/").json()
    assert hallado["fragmento"] == {"texto": "El año del ñandú", "marcas": [[11, 16]]}
    assert (respuesta.json()["next"], respuesta.json()["previous"]) == (None, None)
    assert textos(cliente("carla").get(BUSCAR, {"q": "nandu"})) == []


@pytest.mark.parametrize(
    ("consulta", "campo"),
    [
        ({}, "q"),
        ({"q": "¿?"}, "q"),
        ({"q": "a" * 201}, "q"),
        ({"q": "a", "tipo": "otro"}, "tipo"),
        ({"q": "a", "con": "todo"}, "con"),
        ({"q": "a", "orden": "otro"}, "orden"),
        ({"q": "a", "desde": "ayer"}, "desde"),
        ({"q": "a", "hasta": "9999-12-31"}, "hasta"),
        ({"q": "a", "de": "x" * 40}, "de"),
        ({"q": "a", "conversacion": "\x01"}, "conversacion"),
        ({"q": "a", "cursor": "x"}, "cursor"),
        ({"q": "a", "cursor": "cD14"}, "cursor"),
    ],
)
def test_lo_que_no_vale(decir: Any, consulta: dict[str, str], campo: str) -> None:
    decir("ana", "a")
    respuesta = cliente("ana").get(BUSCAR, consulta)
    assert (respuesta.status_code, respuesta.json()["campo"]) == (400, campo)


@pytest.mark.parametrize("con_q", [{"q": "hola "}, {"q": "hola ", "conversacion": "conv"}, {}])
def test_las_fechas_mas_lejanas(decir: Any, con_q: dict[str, str]) -> None:
    decir("ana", "hola")
    ana = cliente("ana")
    for antes, despues in (("0002-01-01", "9000-01-01"), ("1000-01-01", "9998-12-31")):
        assert textos(ana.get(BUSCAR, {**con_q, "desde": antes, "hasta": despues})) == ["hola"]
        assert textos(ana.get(BUSCAR, {**con_q, "desde": despues})) == []
        assert textos(ana.get(BUSCAR, {**con_q, "hasta": antes})) == []


@pytest.mark.parametrize(
    "posicion",
    [f"{'1' * 5_000}/x/x", "1" * 5_000, "1/1/" + "1" * 5_000, "0001-01-01~x", "9999-12-31~x"],
)
@pytest.mark.parametrize("orden", ["recientes", "relevancia"])
def test_un_cursor_inventado(decir: Any, posicion: str, orden: str) -> None:
    decir("ana", "hola")
    cursor = b64encode(urlencode({"p": posicion}).encode()).decode()
    respuesta = cliente("ana").get(BUSCAR, {"q": "hola ", "cursor": cursor, "orden": orden})
    assert (respuesta.status_code, respuesta.json()["campo"]) == (400, "cursor")


def test_en_la_conversacion_ajena_es_como_si_no_existiera(decir: Any, carla: Any) -> None:
    decir("ana", "hola")
    ajena = cliente("carla").get(BUSCAR, {"q": "hola", "conversacion": "conv"})
    ninguna = cliente("carla").get(BUSCAR, {"q": "hola", "conversacion": "ninguna"})
    assert (ajena.status_code, ajena.content) == (404, ninguna.content)


def test_los_dias_se_incluyen_enteros(decir: Any) -> None:
    for dia in (1, 2, 3):
        id_ = decir("ana", f"hola {dia}").mensaje_id
        fecha = datetime(2026, 5, dia, 23, 59, tzinfo=UTC)
        Mensaje.objects.filter(pk=id_).update(fecha_envio=fecha)
    ana = cliente("ana")
    assert textos(ana.get(BUSCAR, {"desde": "2026-05-02"})) == ["hola 3", "hola 2"]
    assert textos(ana.get(BUSCAR, {"hasta": "2026-05-02"})) == ["hola 2", "hola 1"]
    assert textos(ana.get(BUSCAR, {"hasta": "2026-05-02T23:59:00Z"})) == ["hola 1"]


@pytest.mark.parametrize("orden", ["recientes", "relevancia"])
def test_las_paginas_siguen_donde_quedaron(
    decir: Any, orden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(5):
        decir("ana", f"hola {i}")
    # Cada mensaje ocupa más: en una página no cabe entera la que se pide.
    monkeypatch.setattr(paginas, "MAX_PAGINA", 2_000)
    uno = cliente("ana")
    respuesta = uno.get(BUSCAR, {"q": "hola ", "orden": orden, "limite": "3"})
    vistos = textos(respuesta)
    while siguiente := respuesta.json()["next"]:
        respuesta = uno.get(siguiente)
        vistos += textos(respuesta)
    assert sorted(vistos) == [f"hola {i}" for i in range(5)]
