"""Los marcos de la puerta sencilla, literales."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar, decodificar
from mensajeria.protocolo.textos import CON_CONTROLES
from mensajeria.puertas.nativa.marcos import (
    MAX_ENTERO,
    leer_peticion,
    marco_evento,
    marco_respuesta,
    peticion_negada,
)
from mensajeria.sesion.conexion import Peticion
from tests.protocolo.test_json_estricto import JSON, SIN_PLAZO, TEXTO

ID = st.integers(-MAX_ENTERO, MAX_ENTERO) | TEXTO
DESPUES_DEL_LIMITE = MAX_ENTERO + 1


def leida(marco: str | bytes) -> Peticion:
    """La petición, sin con qué responderle."""
    return leer_peticion(marco, lambda _id, _cuerpo: None)._replace(responder=None)


@pytest.mark.parametrize(
    ("marco", "peticion"),
    [
        ('{"evento":"ping"}', Peticion("ping", (), None)),
        (b'{"evento":"ping"}', Peticion("ping", (), None)),
        ('{"evento":"ping","datos":{},"id":7}', Peticion("ping", ({},), 7)),
        ('{"id":"a-1","datos":{"a":[1]},"evento":"x"}', Peticion("x", ({"a": [1]},), "a-1")),
        ('{"evento":"ping","id":null}', Peticion("ping", (), None)),
        ('{"evento":"ping","id":0}', Peticion("ping", (), 0)),
        ('{"evento":"ping","id":-9007199254740991}', Peticion("ping", (), -MAX_ENTERO)),
        # Lo que no sea un objeto lo niega después la carga del evento.
        ('{"evento":"ping","datos":null}', Peticion("ping", (None,), None)),
        ('{"evento":"","otra":1}', Peticion("", (), None)),
    ],
)
def test_lee_una_peticion(marco: str | bytes, peticion: Peticion) -> None:
    assert leida(marco) == peticion


@pytest.mark.parametrize(
    ("marco", "mensaje", "campo"),
    [
        ("", "No es JSON válido", None),
        ("hola", "No es JSON válido", None),
        (b"\xff", "No es JSON válido", None),
        ('42["ping"]', "No es JSON válido", None),
        ("[]", "Cada marco es un objeto JSON", None),
        ('"ping"', "Cada marco es un objeto JSON", None),
        ("null", "Cada marco es un objeto JSON", None),
        ("{}", "Falta el nombre del evento", "evento"),
        ('{"evento":5}', "Falta el nombre del evento", "evento"),
        ('{"evento":null,"id":1}', "Falta el nombre del evento", "evento"),
        *(
            (f'{{"evento":"ping","id":{id_}}}', "«id» es un entero o un texto de hasta 64", "id")
            for id_ in (
                *("true", "false", "1.0", "[]", "{}"),
                *(f'"{"x" * 65}"', f"{DESPUES_DEL_LIMITE}", f"-{DESPUES_DEL_LIMITE}"),
            )
        ),
    ],
)
def test_niega_lo_que_no_es_una_peticion(
    marco: str | bytes, mensaje: str, campo: str | None
) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        leida(marco)
    assert error.value.codigo is CodigoError.VALIDATION_ERROR
    assert (error.value.mensaje, error.value.campo) == (mensaje, campo)


def test_un_caracter_de_control_dice_en_que_campo_de_la_carga() -> None:
    with pytest.raises(ErrorMensajeria) as error:
        leida('{"evento":"x","datos":{"contenido":{"texto":"a\\u0007"}},"id":7}')
    assert (error.value.mensaje, error.value.campo) == (CON_CONTROLES, "contenido.texto")


@pytest.mark.parametrize("evento", ["ping", "obtener_estadisticas"])
def test_un_evento_sin_campos_se_lee_lleve_lo_que_lleve(evento: str) -> None:
    for datos in ('"\\u0000"', '{"id":"\\u001b"}', '["\\ud800"]', "1e999", "1" * 5000):
        peticion = leida(f'{{"evento":"{evento}","datos":{datos},"id":7}}')
        assert (peticion.evento, peticion.id) == (evento, 7)
    for malo in (
        f'{{"evento":"{evento}","id":"\\u0000"}}',
        f'{{"evento":"{evento}","otro":"\\u0000"}}',
        f'{{"evento":"{evento}","datos":NaN}}',
        f'{{"evento":"{evento}","datos":{_hondo(40)}}}',
        f'{{"evento":"{evento}","datos":{"[" * 50_000}',
    ):
        with pytest.raises(ErrorMensajeria):
            leida(malo)


def _hondo(niveles: int) -> str:
    return '{"a":' * niveles + "1" + "}" * niveles


@pytest.mark.parametrize(
    ("marco", "evento", "id_"),
    [
        ('{"id":7,"evento":"x","datos":{"a":"\\u0000"}}', "x", 7),
        ('{"evento":"x","datos":{"a":"\\ud800"},"id":"a"}', "x", "a"),
        (f'{{"evento":"x","datos":{_hondo(32)},"id":7}}', "x", 7),
        (f'{{"evento":"x","datos":{_hondo(50_000)},"id":"a"}}'.encode(), "x", "a"),
        ('{"evento":"x","datos":1e999,"id":7}', "x", 7),
        (f'{{"evento":"x","datos":{"1" * 5000},"id":7}}', "x", 7),
        ('{"id":7}', "", 7),
        ('{"evento":5,"id":7}', "", 7),
        ('{"evento":"\\u0001","id":7}', "", 7),
        ('{"evento":"\\ud800","id":7}', "", 7),
        ('{"evento":"x","id":true}', "x", None),
        ('{"evento":"x","id":"\\u0000"}', "x", "\0"),
        ('{"evento":"x","datos":NaN,"id":7}', "", None),
        ("hola", "", None),
        ("[7]", "", None),
        (b"\xff", "", None),
    ],
    ids=range(16),
)
def test_de_lo_negado_queda_a_que_responder(
    marco: str | bytes, evento: str, id_: int | str | None
) -> None:
    with pytest.raises(ErrorMensajeria):
        leida(marco)
    respondidas: list[Any] = []
    peticion = peticion_negada(marco, lambda id_, _cuerpo: respondidas.append(id_))
    assert (peticion.evento, peticion.id) == (evento, id_)
    if peticion.responder is not None:
        peticion.responder(b"{}")
    assert respondidas == ([] if id_ is None else [id_])


def test_un_id_con_medio_par_de_sustitutos_solo_cabe_escapado() -> None:
    peticion = peticion_negada('{"evento":"x","id":"a\\ud800"}', lambda _id, _cuerpo: None)
    assert peticion.id is None
    assert peticion.responder is not None
    assert marco_respuesta("a\ud800", b'{"ok":false}') == (
        '{"evento":"respuesta","id":"a\\ud800","ok":false}'
    )


def test_la_carga_es_un_objeto_vacio_si_no_viene() -> None:
    assert leida('{"evento":"ping"}').datos == {}
    assert leida('{"evento":"ping","datos":null}').datos is None


def test_con_id_se_puede_responder() -> None:
    respuestas: list[tuple[Any, bytes]] = []
    for marco in ('{"evento":"ping","id":7}', '{"evento":"ping"}'):
        peticion = leer_peticion(marco, lambda id_, cuerpo: respuestas.append((id_, cuerpo)))
        if peticion.responder is not None:
            peticion.responder(b"{}")
    assert respuestas == [(7, b"{}")]


def test_el_marco_de_un_evento() -> None:
    assert marco_evento("pong", b'{"timestamp":"t"}') == (
        '{"evento":"pong","datos":{"timestamp":"t"}}'
    )
    assert marco_evento("x", '{"a":"ñ😀"}'.encode()) == '{"evento":"x","datos":{"a":"ñ😀"}}'


@pytest.mark.parametrize(
    ("id_", "cuerpo", "marco"),
    [
        (7, b'{"ok":true,"datos":{}}', '{"evento":"respuesta","id":7,"ok":true,"datos":{}}'),
        ("a", b'{"ok":true,"datos":{}}', '{"evento":"respuesta","id":"a","ok":true,"datos":{}}'),
        (
            '"}',
            b'{"ok":false,"error":{"code":"X"}}',
            '{"evento":"respuesta","id":"\\"}","ok":false,"error":{"code":"X"}}',
        ),
    ],
)
def test_el_marco_de_una_respuesta(id_: int | str, cuerpo: bytes, marco: str) -> None:
    assert marco_respuesta(id_, cuerpo) == marco


@SIN_PLAZO
@given(TEXTO, JSON, st.none() | ID)
def test_lo_que_un_cliente_enmarca_se_lee_igual(evento: str, datos: Any, id_: Any) -> None:
    marco = codificar({"evento": evento, "datos": datos, "id": id_})
    assert leida(marco) == leida(marco.decode()) == Peticion(evento, (datos,), id_)


@SIN_PLAZO
@given(ID, JSON)
def test_lo_que_enmarcamos_se_lee_igual(id_: int | str, datos: Any) -> None:
    crudo = codificar(datos)
    assert decodificar(marco_evento("pong", crudo)) == {"evento": "pong", "datos": datos}
    assert decodificar(marco_respuesta(id_, b'{"ok":true,"datos":%b}' % crudo)) == {
        "evento": "respuesta",
        "id": id_,
        "ok": True,
        "datos": datos,
    }


@SIN_PLAZO
@given(st.text(st.characters(exclude_categories=[])) | st.binary() | JSON.map(codificar))
def test_con_cualquier_marco_hay_peticion_o_validation_error(marco: str | bytes) -> None:
    try:
        assert isinstance(leida(marco), Peticion)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR
