"""El trozo que se enseña de lo hallado."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.consultas.busqueda.consulta import Termino, leer
from mensajeria.consultas.busqueda.fragmento import LARGO, fragmentos
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.palabras import buscable, plegadas


def fragmento(texto: str, nombre: str, terminos: Sequence[Termino]) -> formas.Fragmento:
    [hecho] = fragmentos([(texto, nombre)], terminos)
    return hecho


def _marcado(texto: str, consulta: str, nombre: str = "") -> list[str]:
    """Lo señalado, cortado como lo cortaría JavaScript."""
    hecho = fragmento(texto, nombre, leer(consulta))
    unidades = hecho.texto.encode("utf-16-le")
    return [unidades[2 * a : 2 * b].decode("utf-16-le") for a, b in hecho.marcas]


@pytest.mark.parametrize(
    ("texto", "consulta", "marcado"),
    [
        ("Te envío las Facturas de mayo", "factura ", ["Facturas"]),
        ("😀😀 la fáctura 😀 y otra FACTURA", "facturas ", ["fáctura", "FACTURA"]),
        ("instalar la luz", "insta", ["instalar"]),
        ("de la luz, y la luz", '"la luz"', ["la luz", "la luz"]),
        ("LA,  luz", '"la luz"', ["LA,  luz"]),
        ("la la luz de la luz blanca y la", '"la luz blanca" luz ', ["luz", "la luz blanca"]),
        ("cafe\u0301 solo", "café ", ["cafe\u0301"]),
        ("nada de eso", "otra ", []),
        ("", "otra ", []),
    ],
)
def test_se_senala_lo_hallado(texto: str, consulta: str, marcado: list[str]) -> None:
    assert _marcado(texto, consulta) == marcado


def test_si_no_esta_en_el_texto_es_del_nombre_del_archivo() -> None:
    hecho = fragmento("mira esto", "Plano_final.pdf", leer("planos "))
    assert (hecho.texto, hecho.marcas) == ("Plano_final.pdf", [(0, 5)])
    assert fragmento("", "foto.png", leer("")).texto == "foto.png"
    assert fragmento("mira el plano", "plano.pdf", leer("plano ")).texto == "mira el plano"


def test_de_un_texto_largo_lo_de_alrededor() -> None:
    texto = "palabra " * 100 + "la aguja del pajar " + "otra " * 100
    hecho = fragmento(texto, "", leer("aguja "))
    assert hecho.texto.startswith("…palabra") and hecho.texto.endswith("otra…")
    assert len(hecho.texto) <= LARGO + 2
    [(inicio, fin)] = hecho.marcas
    assert hecho.texto[inicio:fin] == "aguja"
    al_principio = fragmento(texto, "", leer("palabra "))
    assert al_principio.texto.startswith("palabra")


PALABRAS = st.sampled_from(
    ["luz", "luces", "Luz", "factura", "facturé", "año", "ANO", "😀", "árbol", "x", "e\u0301l"]
)
TEXTOS = st.lists(PALABRAS | st.text(max_size=12), max_size=60).map(" ".join)
CONSULTAS = st.lists(PALABRAS | st.text(max_size=6), min_size=1, max_size=4).flatmap(
    lambda dichas: st.sampled_from([" ".join(dichas), f'"{" ".join(dichas)}"', dichas[0] + "*"])
)


@given(TEXTOS, TEXTOS, CONSULTAS)
def test_las_marcas_caen_dentro_y_senalan_lo_que_casa(
    texto: str, nombre: str, consulta: str
) -> None:
    try:
        terminos = leer(consulta)
    except ErrorMensajeria:
        return
    hecho = fragmento(texto, nombre, terminos)
    largo = len(hecho.texto.encode("utf-16-le", "surrogatepass")) // 2
    assert len(hecho.texto) <= LARGO + 2
    assert all(0 <= a < b <= largo for a, b in hecho.marcas)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(hecho.marcas))
    llevan = buscable(texto, nombre)
    if terminos and all(any(t in llevan for t in termino.textos()) for termino in terminos):
        assert hecho.marcas, "lo hallado se ve"
    crudo = hecho.texto.encode("utf-16-le", "surrogatepass")
    for a, b in hecho.marcas:
        dichas = plegadas(crudo[2 * a : 2 * b].decode("utf-16-le", "surrogatepass"))
        assert dichas
        if b < largo - 1 and not any(t.frase for t in terminos):
            assert any(t.casa(p) for t in terminos for p in dichas)
