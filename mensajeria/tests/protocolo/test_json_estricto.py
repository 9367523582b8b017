"""La puerta de JSON: qué acepta, qué niega y que nunca falla de otra manera."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mensajeria.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.formas import Permisos
from mensajeria.protocolo.json_estricto import (
    MAX_PROFUNDIDAD,
    aceptar,
    codificar,
    codificar_texto,
    enteros_seguros,
    leer,
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
        leer(crudo)
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
    assert leer(crudo) == valor


@pytest.mark.parametrize(
    "crudo",
    [
        *("", " ", "hola", "{", "[1,]", '{"a":1,}', "{'a':1}", "[1] 2", "01", "+1", ".5", "1."),
        *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 5000, "undefined"),
        *('"\t"', '"\x00"', "\x00", '"\\x41"', '"sin cerrar', "\ufeff1", "// nota\n1"),
        *('"\\ud800"', '"\\udc00\\ud800"', '"\ud800"'),
        *(b'"\xff"', b"\xff\xfe1\x00", b"\xef\xbb\xbf1", b'"\xed\xa0\x80"'),
        "[" * 2000 + "]" * 2000,
        '{"a":' * 100_000,
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

    assert profundidad(leer(anidado(MAX_PROFUNDIDAD))) == 32
    assert negado(anidado(33)) == "El JSON tiene más de 32 niveles"
    assert negado(anidado(33).encode()) == "El JSON tiene más de 32 niveles"


def test_muchas_llaves_sin_hondura_se_aceptan() -> None:
    plano = [{"a": "[" * 40}] * 50
    assert leer(codificar(plano)) == plano


def test_aceptar_mira_lo_decodificado_por_otro() -> None:
    assert aceptar(["a"], '["a"]') == ["a"]
    with pytest.raises(ErrorMensajeria, match="NUL"):
        aceptar(["a\x00"], '["a\\u0000"]')


@SIN_PLAZO
@given(st.text(st.characters(exclude_categories=[])) | st.binary())
def test_con_cualquier_entrada_da_un_valor_o_un_error_del_catalogo(crudo: str | bytes) -> None:
    try:
        leer(crudo)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR


@SIN_PLAZO
@given(st.text('[]{}",:\\u0dc8-1e.9 \x00a', max_size=60))
def test_con_casi_json_tambien(crudo: str) -> None:
    try:
        leer(crudo)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR


@SIN_PLAZO
@given(JSON)
def test_lo_codificado_vuelve_igual(valor: Any) -> None:
    assert leer(codificar(valor)) == valor
    assert leer(codificar(valor).decode()) == valor


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
        (-(2**63) - 1, False),
        (True, True),
        (1e300, True),
        ({"a": [{"b": 2**64}]}, False),
        ({"a": ["99999999999999999999"]}, True),
    ],
)
def test_enteros_seguros(valor: Any, bien: bool) -> None:
    assert enteros_seguros(valor) is bien


def test_codificar_texto_escribe_camel_case() -> None:
    forma = Permisos(puede_enviar=True, puede_eliminar=False, puede_moderar=False)
    assert codificar_texto(forma) == (
        '{"puedeEnviar":true,"puedeEliminar":false,"puedeModerar":false}'
    )
