"""Crear conversaciones y sumar gente tienen su límite; lo que falla no gasta.

Por nuestras rutas y por las del original: el límite es el mismo.
"""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.models import Usuario
from tests.api.test_rutas import C, cliente

pytestmark = pytest.mark.bd

PARTICIPANTES = f"{C}conv/participantes/"


class Nuestras:
    """Lo que pide alguien por nuestras rutas."""

    la_que_habia, sumada = 200, 201

    def __init__(self, yo: str) -> None:
        self.yo, self.http = yo, cliente(yo)

    def crear(self, *quienes: str, tipo: str = "grupal") -> Any:
        cuerpo = {"participantes": [{"usuarioId": q} for q in quienes], "tipo": tipo}
        return self.http.post(C, cuerpo, format="json")

    def sumar(self, quien: str) -> Any:
        return self.http.post(PARTICIPANTES, {"usuarioId": quien}, format="json")


class DelOriginal(Nuestras):
    """Allí se nombra también a quien crea, que no es nadie más."""

    la_que_habia, sumada = 201, 200

    def crear(self, *quienes: str, tipo: str = "grupal") -> Any:
        participantes = [{"usuarioId": q} for q in (self.yo, *quienes)]
        cuerpo = {"creadorId": self.yo, "participantes": participantes, "tipo": tipo}
        return self.http.post(C, cuerpo, format="json")

    def sumar(self, quien: str) -> Any:
        cuerpo = {"adminId": self.yo, "accion": "agregar", "usuarioId": quien}
        return self.http.put(PARTICIPANTES, cuerpo, format="json")


@pytest.fixture(params=[Nuestras, DelOriginal])
def rutas(request: pytest.FixtureRequest, conversacion: Any) -> type[Nuestras]:
    for nombre in ("dora", "eva"):
        Usuario.objects.create_user(username=nombre, id=nombre, password="demo")
    clase: type[Nuestras] = request.param
    return clase


def _negada(respuesta: Any) -> bool:
    datos = respuesta.json()
    espera = datos.get("reintentarEn", 0)
    return (respuesta.status_code, datos.get("code")) == (429, "RATE_LIMITED") and (
        0 < espera <= int(respuesta["Retry-After"]) <= 60
    )


def test_crear_conversaciones(rutas: type[Nuestras], settings: Any) -> None:
    settings.CONVERSACIONES_POR_MINUTO = 2
    ana = rutas("ana")
    assert ana.crear("nadie").status_code == 404
    assert ana.crear("beto", tipo="individual").status_code == 201
    # La que ya había no es ninguna nueva.
    for _ in range(3):
        assert ana.crear("beto", tipo="individual").status_code == ana.la_que_habia
    assert ana.crear("beto").status_code == 201
    assert _negada(ana.crear("beto"))
    assert rutas("beto").crear("ana").status_code == 201


def test_sumar_gente(rutas: type[Nuestras], settings: Any) -> None:
    settings.PARTICIPANTES_POR_MINUTO = 3
    ana = rutas("ana")
    assert ana.crear("beto", "carla").status_code == 201
    assert ana.sumar("nadie").status_code == 404
    assert ana.sumar("dora").status_code == ana.sumada
    assert _negada(ana.sumar("eva"))
    assert _negada(ana.crear("eva"))


def test_de_una_vez_caben_mas_de_las_de_un_minuto(rutas: type[Nuestras], settings: Any) -> None:
    settings.PARTICIPANTES_POR_MINUTO = 2
    ana = rutas("ana")
    assert ana.crear("beto", "carla", "dora").status_code == 201
    assert _negada(ana.crear("eva"))


def test_por_unas_rutas_se_gasta_lo_de_las_otras(rutas: type[Nuestras], settings: Any) -> None:
    settings.CONVERSACIONES_POR_MINUTO = 1
    assert rutas("ana").crear("beto").status_code == 201
    for otras in (Nuestras, DelOriginal):
        assert _negada(otras("ana").crear("beto"))
