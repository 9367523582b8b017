from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, ObjectId, Regex
from bson.datetime_ms import DatetimeMS

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.valores import Notas

HEX = "686a00000000000000000001"


@pytest.mark.parametrize(
    ("valor", "esperado"),
    [
        (ObjectId(HEX), HEX),
        ("conv_test", "conv_test"),
        (Int64(7), "7"),
        ({"_id": ObjectId(HEX), "nombre": "poblado"}, HEX),
        ({"$oid": HEX}, HEX),
        (DBRef("usuarios", ObjectId(HEX)), HEX),
        (Binary.from_uuid(uuid.UUID(int=1)), str(uuid.UUID(int=1))),
        ("x" * 37, None),
        ("", None),
        ("con\x00nul", None),
        ("con\x1bescape", None),
        ("suelto\ud800", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_identificadores(valor: Any, esperado: str | None) -> None:
    assert valores.id_de(valor) == esperado


def test_en_una_lista_null_no_es_nada() -> None:
    for vacia in (None, [], [None, None]):
        assert valores.lista(vacia) == []
    assert valores.lista([None, 1, None, [], 0, ""]) == [1, [], 0, ""]
    assert valores.lista({"a": None}) == [{"a": None}]


@pytest.mark.parametrize("por_defecto", [True, False])
def test_si_o_no(por_defecto: bool) -> None:
    notas: Notas = []
    for si in (True, 1, 1.0, Int64(1), "true", " Sí ", "SI", "yes", "on", "1", "verdadero"):
        assert valores.cierto(si, por_defecto, "c", notas) is True
    for no in (False, 0, 0.0, Int64(0), "false", "No", "off", "0", "falso"):
        assert valores.cierto(no, por_defecto, "c", notas) is False
    for nada in (None, "", "  "):
        assert valores.cierto(nada, por_defecto, "c", notas) is por_defecto
    assert notas == []
    raros = ["quizá", 2, -1, float("nan"), [True], {"a": 1}, b"1", datetime(2025, 7, 6)]
    for raro in raros:
        assert valores.cierto(raro, por_defecto, "c", notas) is por_defecto
    assert [n.campo for n in notas] == ["c"] * len(raros)
    assert notas[0].valor == "quizá"


@pytest.mark.parametrize(
    "valor",
    [
        datetime(2025, 7, 6, 10, 30),
        datetime(2025, 7, 6, 10, 30, 0, 999, tzinfo=UTC),
        "2025-07-06T10:30:00.000Z",
        "2025-07-06T12:30:00+02:00",
        1751797800,
        1751797800000,
        {"$date": "2025-07-06T10:30:00Z"},
    ],
)
def test_fechas(valor: Any) -> None:
    notas: Notas = []
    assert valores.fecha(valor, "f", notas) == datetime(2025, 7, 6, 10, 30, tzinfo=UTC)
    assert notas == []


@pytest.mark.parametrize("valor", ["ayer", DatetimeMS(10**17), 1e300, float("nan"), [], True, ""])
def test_fechas_que_no_lo_son(valor: Any) -> None:
    notas: Notas = []
    assert valores.fecha(valor, "f", notas) is None
    assert [n.campo for n in notas] == ["f"]


@pytest.mark.parametrize(
    ("valor", "esperado", "anotado"),
    [
        ("hola", "hola", False),
        (None, "", False),
        (12, "12", False),
        ("a\x00b", "ab", True),
        ("a\x1bb\x9f", "ab", True),
        ("a\r\n\tb", "a\r\n\tb", False),
        ("a\ud83db", "a\ufffdb", True),
        ("💬" * 10, "💬" * 10, False),
        ("💬" * 11, "💬" * 10, True),
        ({"a": 1}, "", True),
        (True, "", True),
    ],
)
def test_textos(valor: Any, esperado: str, anotado: bool) -> None:
    notas: Notas = []
    assert valores.texto(valor, 10, "t", notas) == esperado
    assert bool(notas) is anotado


def test_lo_cortado_queda_entero_en_la_nota() -> None:
    notas: Notas = []
    valores.texto("x" * 12, 10, "t", notas)
    assert notas[0].valor == "x" * 12


def test_objetos_de_bson_a_json() -> None:
    notas: Notas = []
    doc = {
        "id": ObjectId(HEX),
        "fecha": datetime(2025, 7, 6),
        "imposible": DatetimeMS(10**17),
        "n": Int64(5),
        "d": Decimal128("1.5"),
        "uuid": Binary.from_uuid(uuid.UUID(int=1)),
        "lista": [{"x": "y"}, None, True, 1.5],
    }
    assert valores.objeto(doc, "m", notas) == {
        "id": HEX,
        "fecha": "2025-07-06T00:00:00.000Z",
        "imposible": 10**17,
        "n": 5,
        "d": "1.5",
        "uuid": str(uuid.UUID(int=1)),
        "lista": [{"x": "y"}, None, True, 1.5],
    }
    assert notas == []


@pytest.mark.parametrize(
    ("valor", "queda", "campo", "dicho"),
    [
        (b"binario", None, "m.a.0", "YmluYXJpbw=="),
        (Binary(b"binario", 128), None, "m.a.0", "YmluYXJpbw=="),
        (float("nan"), None, "m.a.0", "nan"),
        (float("-inf"), None, "m.a.0", "-inf"),
        ("y\x00", "y", "m.a.0", "y\x00"),
        ("y\ud800", "y\ufffd", "m.a.0", "y\ud800"),
        ({"x\x1b": 1}, {"x": 1}, "m.a.0", "x\x1b"),
        ({"x": 1, "x\x1b": b"z"}, {"x": 1}, "m.a.0", {"x\x1b": "eg=="}),
        (Regex("^a"), "^a", "m.a.0", "^a"),
        (Code("a()"), "a()", "m.a.0", "a()"),
    ],
)
def test_lo_que_no_cabe_en_un_objeto_json_se_anota_donde_estaba(
    valor: Any, queda: Any, campo: str, dicho: Any
) -> None:
    notas: Notas = []
    assert valores.objeto({"a": [valor]}, "m", notas) == {"a": [queda]}
    assert [(n.campo, n.valor) for n in notas] == [(campo, dicho)]


def test_de_lo_que_no_cabe_entero_solo_se_dice_eso() -> None:
    notas: Notas = []
    assert valores.objeto({"a": b"z", "b": "y" * 9000}, "m", notas) == {}
    assert [(n.campo, n.valor) for n in notas] == [("m", {"a": "eg==", "b": "y" * 9000})]


@pytest.mark.parametrize(
    "doc", [{"x": "y" * 9000}, {"a": {"b": {"c": {"d": {"e": {}}}}}}, ["no", "es"]]
)
def test_objetos_que_no_caben(doc: Any) -> None:
    notas: Notas = []
    assert valores.objeto(doc, "m", notas) == {}
    assert notas[0].valor == doc


@pytest.mark.parametrize(
    ("valor", "queda"),
    [
        ("https://e.es/a b.png", "https://e.es/a%20b.png"),
        ("/avatares/a.png", "/avatares/a.png"),
        ("uploads\\a.png", "/uploads/a.png"),
        ("", ""),
        (None, ""),
        ("javascript:alert(1)", ""),
        (" JavaScript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//otro.test/a.png", ""),
        ("/\\otro.test/a.png", ""),
        ("https://e.es/" + "a" * 2_048, ""),
        (7, ""),
    ],
)
def test_un_avatar_se_puede_abrir_sin_riesgo_o_no_queda(valor: Any, queda: str) -> None:
    notas: Notas = []
    assert valores.avatar(valor, "avatar_url", notas) == queda
    assert [n.valor for n in notas] == ([valor] if valor and not queda else [])
