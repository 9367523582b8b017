import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.protocolo import json_javascript
from mensajeria.protocolo.json_javascript import JsonInvalido, SustitutoSuelto

valores = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda hijos: st.lists(hijos) | st.dictionaries(st.text(), hijos),
    max_leaves=20,
)


@given(valores)
def test_ida_y_vuelta(valor: object) -> None:
    texto = json_javascript.codificar(valor)

    assert texto.isascii()
    assert json_javascript.decodificar(texto) == valor


@given(st.text(st.characters(exclude_categories=[])) | st.text('[]{}"\\u:,d8019eE.-'))
def test_nunca_falla_de_otro_modo(texto: str) -> None:
    with contextlib.suppress(JsonInvalido, SustitutoSuelto):
        json_javascript.decodificar(texto)


@pytest.mark.parametrize(
    "texto",
    ["NaN", "[Infinity]", "-Infinity", "1e999", "[-1e999]", "", "[1,]", '"\n"', "01", "[1] x"]
    + ['["\\ud800",NaN]', '["\\ud800",1e999]', '["\\ud800"', "1" * 5000],
)
def test_rechaza(texto: str) -> None:
    with pytest.raises(JsonInvalido):
        json_javascript.decodificar(texto)


@pytest.mark.parametrize("abre, cierra", ["[]", ('{"a":', "}")])
def test_32_niveles_y_ni_uno_mas(abre: str, cierra: str) -> None:
    def anidar(niveles: int) -> str:
        return abre * niveles + "1" + cierra * niveles

    assert json.loads(anidar(32)) == json_javascript.decodificar(anidar(32))
    with pytest.raises(JsonInvalido, match="niveles"):
        json_javascript.decodificar(anidar(33))


def test_los_corchetes_de_un_texto_no_cuentan() -> None:
    assert json_javascript.decodificar('["' + "[{" * 100 + '\\"["]') == ["[{" * 100 + '"[']


def test_muchos_corchetes_poco_profundos() -> None:
    assert len(json_javascript.decodificar("[" + "[[]]," * 1000 + "{}]")) == 1001


@pytest.mark.parametrize(
    "texto", ["[" * 50_000, '{"a":' * 50_000, '["' * 300_000, '"' + '\\"' * 499_999]
)
def test_lo_abusivo_cuesta_poco(texto: str) -> None:
    inicio = time.process_time()
    with pytest.raises(JsonInvalido):
        json_javascript.decodificar(texto)

    assert time.process_time() - inicio < 0.2


def test_un_sustituto_suelto_se_distingue() -> None:
    with pytest.raises(SustitutoSuelto) as error:
        json_javascript.decodificar('["a\\ud800",{"\\uDFFF":1.5}]')

    assert error.value.valor == ["a\ud800", {"\udfff": 1.5}]
    assert json_javascript.sin_sustitutos(error.value.valor) == ["a?", {"?": 1.5}]


def test_una_pareja_de_sustitutos_es_un_caracter() -> None:
    assert json_javascript.decodificar('"\\ud83d\\ude00"') == "😀"


def test_codificar_no_admite_lo_que_un_navegador_no_lee() -> None:
    with pytest.raises(ValueError):
        json_javascript.codificar([float("nan")])
