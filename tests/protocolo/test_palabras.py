"""Las palabras de un texto, como se buscan."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.protocolo.palabras import (
    MAX_PALABRA,
    buscable,
    dichas_en,
    palabras,
    plegadas,
    plegar,
    raiz,
)


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("", " "),
        ("¿¡…!?", " "),
        ("Hola, Peña", " hola pena |hol |pen "),
        ("a_b 1.250 x@y.es", " a b 1 250 x y es "),
        ("cafe\u0301 ﬁn ½ Straße", " cafe fin 12 strasse |caf |strass "),
        ("Пётр и 漢字", " петр и 漢字 "),
    ],
)
def test_lo_que_se_busca_de_un_texto(texto: str, esperado: str) -> None:
    assert buscable(texto) == esperado


def test_el_nombre_del_archivo_va_aparte() -> None:
    """Así una frase no empieza en el texto y acaba en él."""
    assert buscable("ver", "Plano_final.PDF") == " ver | plano final pdf |plan "


@pytest.mark.parametrize(
    "iguales",
    [
        "factura facturas facturó facturado facturando",
        "instalación instalaciones instalar instaló instalamos",
        "árbol ARBOLES arbol",
        "luz luces",
        "año años",
        "inglés ingleses",
        "lápiz lápices",
        "avería averías averia",
        "técnico técnica técnicos tecnicas",
        "comunicación comunicaciones comunicacion",
    ],
)
def test_la_flexion_no_cuenta(iguales: str) -> None:
    assert len({raiz(p) for p in plegadas(iguales)}) == 1


def test_una_palabra_no_es_parte_de_otra() -> None:
    """Del verbo «ver» no sale «avería», que con su acento perdería lo demás."""
    assert raiz(plegar("avería")) != raiz("ver")


TEXTOS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTOS)
def test_las_palabras_estan_donde_se_dice(texto: str) -> None:
    halladas = list(palabras(texto))
    assert [p for p, _, _ in halladas] == plegadas(texto)
    for palabra, inicio, fin in halladas:
        assert plegar(texto[inicio:fin]) == palabra
        assert 0 < len(palabra) <= MAX_PALABRA
    assert all(a[2] <= b[1] for a, b in itertools.pairwise(halladas))


@given(TEXTOS, TEXTOS)
def test_lo_buscable_solo_lleva_palabras_y_raices(texto: str, nombre: str) -> None:
    todas = plegadas(texto) + plegadas(nombre)
    assert dichas_en(buscable(texto, nombre)) == plegadas(texto) + plegadas(nombre)
    partes = buscable(texto, nombre).split(" ")
    assert partes[0] == partes[-1] == ""
    dichas = [p for p in partes[1:-1] if not p.startswith("|")]
    raices = [p[1:] for p in partes[1:-1] if p.startswith("|") and p != "|"]
    assert dichas == todas
    assert set(raices) == {raiz(p) for p in todas} - set(todas)


@given(TEXTOS)
def test_plegar_dos_veces_es_plegar_una(texto: str) -> None:
    for palabra in plegadas(texto):
        assert plegar(palabra) == palabra
