"""La puerta de JSON: qué acepta, qué niega y que nunca falla de otra manera."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import (
    MAX_PROFUNDIDAD,
    codificar,
    decodificar,
    es_guardable,
    lleva_nulo,
    profundidad,
)

# Una máquina ocupada no es un fallo.
SIN_PLAZO = settings(deadline=None)
NO_ES_JSON = "No es JSON válido"
CON_NUL = "El texto no puede llevar el carácter NUL"

TEXTO = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
ESCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTO
)
JSON = st.recursive(
    ESCALAR,
    lambda h: st.lists(h, max_size=4) | st.dictionaries(TEXTO, h, max_size=4),
    max_leaves=20,
)


def negado(crudo: str | bytes) -> str:
    with pytest.raises(ErrorMensajeria) as error:
        decodificar(crudo)
    assert error.value.codigo is CodigoError.VALIDATION_ERROR
    return error.value.mensaje


@pytest.mark.parametrize(
    ("crudo", "valor"),
    [
        ("null", None),
        (" [1, 2.5, true] ", [1, 2.5, True]),
        ('{"texto":"¿qué tal? 😀"}', {"texto": "¿qué tal? 😀"}),
        ('"\\u00f1\\ud83d\\ude00"', "ñ😀"),
        (b'"\xc3\xb1"', "ñ"),
        ('{"a":1,"a":2}', {"a": 2}),
        ('"\\\\u0000"', "\\u0000"),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_acepta(crudo: str | bytes, valor: Any) -> None:
    assert decodificar(crudo) == valor


@pytest.mark.parametrize(
    "crudo",
    [
        *("", " ", "hola", "{", "[1,]", '{"a":1,}', "{'a':1}", "[1] 2", "01", "+1", ".5", "1."),
        *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000, "undefined"),
        *('"\t"', '"\x00"', "\x00", '"\\x41"', '"sin cerrar', "\ufeff1", "// nota\n1"),
        *('"\\ud800"', '"\\udc00\\ud800"', '"\ud800"'),
        *(b'"\xff"', b"\xff\xfe1\x00", b"\xef\xbb\xbf1", b'"\xed\xa0\x80"'),
    ],
    ids=lambda crudo: repr(crudo[:12]),
)
def test_niega_lo_que_no_es_json(crudo: str | bytes) -> None:
    assert negado(crudo) == NO_ES_JSON


@pytest.mark.parametrize(
    "crudo", ['"\\u0000"', '{"a":["b\\u0000c"]}', '{"\\u0000":1}', b'{"a":"\\u0000"}']
)
def test_niega_el_nul(crudo: str | bytes) -> None:
    assert negado(crudo) == CON_NUL


@pytest.mark.parametrize(("abre", "cierra"), [("[", "]"), ('{"a":', "}")])
def test_admite_32_niveles_y_no_33(abre: str, cierra: str) -> None:
    def anidado(niveles: int) -> str:
        return abre * niveles + "1" * (abre != "[") + cierra * niveles

    assert profundidad(decodificar(anidado(MAX_PROFUNDIDAD))) == 32
    assert negado(anidado(33)) == "El JSON tiene más de 32 niveles"
    assert negado(anidado(33).encode()) == "El JSON tiene más de 32 niveles"


@pytest.mark.parametrize("crudo", ["[" * 2000 + "]" * 2000, '{"a":' * 100_000])
def test_lo_muy_hondo_se_niega_sin_recorrerlo(crudo: str) -> None:
    assert negado(crudo) == "El JSON tiene más de 32 niveles"


def test_muchas_llaves_sin_hondura_se_aceptan() -> None:
    plano = [{"a": "[" * 40}] * 50
    assert decodificar(codificar(plano)) == plano


def test_el_nul_se_halla_donde_este() -> None:
    con: Any
    for con in ({"a": [{"b\x00": 1}]}, ["x", {"a": "\x00"}]):
        assert lleva_nulo(json.dumps(con), con)
        assert lleva_nulo(json.dumps(con).encode(), con)
    sin = {"a": ["\\u0000", 0, None]}
    assert not lleva_nulo(json.dumps(sin), sin)


@SIN_PLAZO
@given(st.text(st.characters(exclude_categories=[])) | st.binary())
def test_con_cualquier_entrada_da_un_valor_o_un_error_del_catalogo(crudo: str | bytes) -> None:
    try:
        decodificar(crudo)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR


@SIN_PLAZO
@given(st.text('[]{}",:\\u0dc8-1e.9 \x00a', max_size=60))
def test_con_casi_json_tambien(crudo: str) -> None:
    try:
        decodificar(crudo)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR


@SIN_PLAZO
@given(JSON)
def test_lo_codificado_vuelve_igual(valor: Any) -> None:
    assert decodificar(codificar(valor)) == valor
    assert decodificar(codificar(valor).decode()) == valor


@pytest.mark.parametrize(
    ("valor", "niveles"),
    [(1, 0), ("a", 0), ({}, 1), ([], 1), ({"a": []}, 2), ([1, {"a": {"b": 1}}], 3)],
)
def test_profundidad(valor: Any, niveles: int) -> None:
    assert profundidad(valor) == niveles


@pytest.mark.parametrize(
    ("valor", "bien"),
    [
        (2**63 - 1, True),
        (2**63, False),
        (-(2**63), True),
        (-(2**63) - 1, False),
        ({"a": b"binario"}, False),
        (True, True),
        (1e300, True),
        ({"a": [{"b": 2**64}]}, False),
        ({"a": ["99999999999999999999"]}, True),
    ],
)
def test_es_guardable(valor: Any, bien: bool) -> None:
    assert es_guardable(valor) is bien
