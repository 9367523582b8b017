"""La puerta de JSON: qué acepta, qué niega y que nunca falla de otra manera."""

from __future__ import annotations

import json
import unicodedata
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
    las_que_caben,
    profundidad,
    ruta_con_controles,
    valor_de_fuera,
)
from mensajeria.protocolo.textos import CON_CONTROLES

# Una máquina ocupada no es un fallo.
SIN_PLAZO = settings(deadline=None)
NO_ES_JSON = "No es JSON válido"

TEXTO = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n"), max_size=20
)
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
    ("crudo", "ruta"),
    [
        ('"\\u0000"', None),
        ('{"a":["b\\u0001c"]}', "a.0"),
        ('{"\\u0000":1}', None),
        ('{"a":{"b\\u001F":1}}', "a"),
        (b'{"a":"\\r"}', "a"),
        ('{"a":"\\b\\f"}', "a"),
        ('{"a":"\x7f"}', "a"),
        ('{"a":"\\u007F"}', "a"),
        ('{"a":"\x85"}', "a"),
        ('{"a":"ñ\x9f"}'.encode(), "a"),
        ('{"a":"\\u0085"}', "a"),
    ],
    ids=repr,
)
def test_niega_los_caracteres_de_control(crudo: str | bytes, ruta: str | None) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        decodificar(crudo)
    assert (error.value.mensaje, error.value.campo) == (CON_CONTROLES, ruta)


def test_admite_el_tabulador_el_salto_de_linea_y_lo_que_solo_lo_parece() -> None:
    for texto in ("a\tb\nc\r\nd", "\\u0001", "\\r", "¿ñ\xa0?", "\u202e😀\u200d"):
        assert decodificar(json.dumps(texto)) == texto
        assert decodificar(codificar({"a": texto})) == {"a": texto}


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


@SIN_PLAZO
@given(st.recursive(st.text(max_size=5), lambda h: st.lists(h) | st.dictionaries(st.text(), h)))
def test_un_caracter_de_control_se_halla_donde_este(valor: Any) -> None:
    letras = _letras(valor).replace("\r\n", "")
    lleva = any(unicodedata.category(c) == "Cc" and c not in "\t\n" for c in letras)
    for ascii_ in (True, False):
        crudo = json.dumps(valor, ensure_ascii=ascii_)
        assert (ruta_con_controles(crudo, valor) is not None) is lleva
        assert (
            ruta_con_controles(crudo.encode(errors="surrogatepass"), valor) is not None
        ) is lleva


def _letras(valor: Any) -> str:
    if isinstance(valor, str):
        return valor
    partes = valor if isinstance(valor, list) else [*valor, *valor.values()]
    return " ".join(map(_letras, partes))


@pytest.mark.parametrize(
    ("crudo", "id_"),
    [
        ('{"id":7,"datos":%s}', 7),
        ('{"datos":%s, "id" : "a\\"b"}', 'a"b'),
        ('{"datos":%s,"id":-7}', -7),
        ('{"id":1,"datos":%s,"id":2}', 2),
        ('{"datos":[{"id":5},%s],"id":"á"}', "á"),
        ('{"id":9,"datos":[%s,{"id":5}]}', 9),
        ('{"datos":[{"id":5},%s]}', None),
        ('{"datos":["\\"id\\":5",%s]}', None),
        ('{"datos":%s,"id":1.5}', None),
        ('{"datos":%s,"id":true}', None),
        ('{"datos":%s}', None),
    ],
)
def test_lo_de_fuera_se_halla_aunque_lo_de_dentro_no_se_pueda_leer(
    crudo: str, id_: int | str | None
) -> None:
    marco = crudo % ("[" * 5_000 + "]" * 5_000)
    assert valor_de_fuera(marco, "id") == valor_de_fuera(marco.encode(), "id") == id_


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


@SIN_PLAZO
@given(st.lists(TEXTO), st.integers(min_value=0, max_value=200))
def test_caben_las_primeras_y_siempre_una(valores: list[str], maximo: int) -> None:
    caben = list(las_que_caben(valores, maximo))
    assert caben == [(v, codificar(v)) for v in valores[: len(caben)]]
    ocupan = [len(crudo) for _, crudo in caben]
    if len(caben) > 1:
        assert sum(ocupan) <= maximo
    if len(caben) < len(valores):
        assert caben
        assert sum(ocupan) + len(codificar(valores[len(caben)])) > maximo
