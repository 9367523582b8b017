"""Hasta dónde se busca."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.consultas import busqueda
from mensajeria.consultas.coste import Coste
from mensajeria.models import Conversacion, Participante, Usuario

pytestmark = pytest.mark.bd


def test_solo_lo_reciente_de_las_mas_activas(
    decir: Any, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busqueda, "MENSAJES", 2)
    monkeypatch.setattr(busqueda, "CONVERSACIONES", 1)
    textos = [f"hola {i}" for i in range(3)]
    for texto in textos:
        decir("ana", texto)

    def hallados() -> list[str]:
        return [f.texto for f in consultas.buscar_en_lo_reciente("beto", "HOLA", 9)]

    assert hallados() == ["hola 2", "hola 1"]
    Conversacion.objects.filter(pk="conv").update(fecha_ultima_actividad="2026-01-01T00:00:00Z")
    otra = Conversacion.objects.create(tipo="grupal")
    Participante.objects.create(conversacion=otra, usuario=beto)
    assert hallados() == []


def test_se_deja_de_leer_a_los_pocos_megabytes_y_se_cobran(
    decir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busqueda, "TANDA", 2)
    monkeypatch.setattr(busqueda, "MAX_BYTES", 10_000)
    for i in range(8):
        decir("ana", f"hola {i} " + "ñ" * 2_500)

    def buscar(texto: str, cuantos: int) -> tuple[list[str], Coste]:
        coste = Coste()
        filas = coste.contar(consultas.buscar_en_lo_reciente, "beto", texto, cuantos)
        return [f.texto.split("ñ")[0] for f in filas], coste

    hallados, coste = buscar("hola", 9)
    assert hallados == [f"hola {i} " for i in (7, 6)]
    assert 10_000 < coste.bytes < 11_000
    # Lo más viejo queda lejos; con lo pedido ya hallado, tampoco se sigue.
    assert buscar("hola 0", 9)[0] == []
    monkeypatch.setattr(busqueda, "MAX_BYTES", 10**9)
    assert buscar("hola 0", 9)[0] == ["hola 0 "]
    assert buscar("hola", 1)[1].bytes < 11_000


def test_sin_ninguna_conversacion(ana: Usuario) -> None:
    assert consultas.buscar_en_lo_reciente("ana", "hola", 9) == []
