"""Crear conversaciones y sumar gente tienen su límite; lo que falla no gasta."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from mensajeria.models import Usuario
from tests.api.test_rutas import C, cliente

pytestmark = pytest.mark.bd


@pytest.fixture
def uno(escena: None) -> APIClient:
    return cliente("ana")


@pytest.fixture
def escena(conversacion: Any) -> None:
    for nombre in ("dora", "eva"):
        Usuario.objects.create_user(username=nombre, id=nombre, password="demo")


def _crear(uno: APIClient, *quienes: str, tipo: str = "grupal") -> Any:
    cuerpo = {"participantes": [{"usuarioId": q} for q in quienes], "tipo": tipo}
    return uno.post(C, cuerpo, format="json")


def _negada(respuesta: Any) -> bool:
    datos = respuesta.json()
    espera = datos.get("reintentarEn", 0)
    return (respuesta.status_code, datos.get("code")) == (429, "RATE_LIMITED") and (
        0 < espera <= int(respuesta["Retry-After"]) <= 60
    )


def test_crear_conversaciones(uno: APIClient, settings: Any) -> None:
    settings.CONVERSACIONES_POR_MINUTO = 2
    assert _crear(uno, "nadie").status_code == 404
    assert _crear(uno, "beto", tipo="individual").status_code == 201
    # La que ya había no es ninguna nueva.
    for _ in range(3):
        assert _crear(uno, "beto", tipo="individual").status_code == 200
    assert _crear(uno, "beto").status_code == 201
    assert _negada(_crear(uno, "beto"))
    assert _crear(cliente("beto"), "ana").status_code == 201


def test_sumar_gente(uno: APIClient, settings: Any) -> None:
    settings.PARTICIPANTES_POR_MINUTO = 3
    participantes = f"{C}conv/participantes/"
    assert _crear(uno, "beto", "carla").status_code == 201
    assert uno.post(participantes, {"usuarioId": "nadie"}, format="json").status_code == 404
    assert uno.post(participantes, {"usuarioId": "dora"}, format="json").status_code == 201
    assert _negada(uno.post(participantes, {"usuarioId": "eva"}, format="json"))
    assert _negada(_crear(uno, "eva"))


def test_de_una_vez_caben_mas_de_las_de_un_minuto(uno: APIClient, settings: Any) -> None:
    settings.PARTICIPANTES_POR_MINUTO = 2
    assert _crear(uno, "beto", "carla", "dora").status_code == 201
    assert _negada(_crear(uno, "eva"))
