"""Hasta dónde se busca."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria import consultas
from mensajeria.consultas import busqueda
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


def test_sin_ninguna_conversacion(ana: Usuario) -> None:
    assert consultas.buscar_en_lo_reciente("ana", "hola", 9) == []
