"""Qué se sabe de lo que nadie miró."""

from __future__ import annotations

from collections import Counter
from typing import Any

import bson

from mensajeria.consola.importacion.documento import DocumentoLeido, sin_tomar
from mensajeria.consola.importacion.fuente import abrir
from mensajeria.consola.importacion.llano import llano


def abierto(doc: dict[str, Any]) -> DocumentoLeido:
    return abrir(bson.encode(doc))


def test_lo_que_nadie_mira_se_cuenta_por_su_camino() -> None:
    doc = abierto(
        {
            "uno": 1,
            "dos": {"a": {"b": 1, "c": [1, 2]}, "d": None},
            "lista": [{"x": 1, "y": 2}, {"x": 3, "z": {}}, 4],
            "vacío": [],
        }
    )
    assert Counter(sin_tomar(doc)) == {
        "uno": 1,
        "dos.a.b": 1,
        "dos.a.c": 2,
        "lista.x": 2,
        "lista.y": 1,
        "lista": 1,
    }


def test_mirar_por_fuera_no_es_mirar_dentro() -> None:
    doc = abierto({"dos": {"a": 1, "b": 2}, "lista": [{"x": 1, "y": 2}, {"x": 3}], "uno": 1})
    assert doc.get("dos").get("a") == 1
    assert [parte.get("x") for parte in doc.get("lista")] == [1, 3]
    assert doc.get("no está") is None
    assert Counter(sin_tomar(doc)) == {"dos.b": 1, "lista.y": 1, "uno": 1}


def test_lo_que_se_toma_entero_no_deja_nada() -> None:
    doc = abierto({"datos": {"a": {"b": [{"c": 1}]}}})
    assert llano(doc.get("datos")) == {"a": {"b": [{"c": 1}]}}
    assert list(sin_tomar(doc)) == []
