import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.protocolo.textos import CON_CONTROLES
from mensajeria.puertas.engineio.paquetes import ErrorPaquete
from mensajeria.puertas.socketio import marcos
from mensajeria.puertas.socketio.marcos import (
    SUSTITUTO_SUELTO,
    Decodificador,
    PaqueteSocketIO,
    TipoDePaquete,
)
from tests.apoyo_socketio import codificar_ack, codificar_evento

M0 = '{"_placeholder":true,"num":0}'
M1 = '{"_placeholder":true,"num":1}'


def leer(*mensajes: str | bytes) -> PaqueteSocketIO | None:
    decodificador = Decodificador(1000)
    paquete = None
    for mensaje in mensajes:
        assert paquete is None
        paquete = decodificador.agregar(mensaje)
    return paquete


@pytest.mark.parametrize(
    "texto, paquete",
    [
        ("0", PaqueteSocketIO(TipoDePaquete.CONNECT, "/")),
        ('0{"token":"x"}', PaqueteSocketIO(TipoDePaquete.CONNECT, "/", {"token": "x"})),
        ("0/custom", PaqueteSocketIO(TipoDePaquete.CONNECT, "/custom")),
        ("0/custom,", PaqueteSocketIO(TipoDePaquete.CONNECT, "/custom")),
        ("0/,{}", PaqueteSocketIO(TipoDePaquete.CONNECT, "/", {})),
        ('0/custom,{"a":1}', PaqueteSocketIO(TipoDePaquete.CONNECT, "/custom", {"a": 1})),
        ("1", PaqueteSocketIO(TipoDePaquete.DISCONNECT, "/")),
        ("1/custom,", PaqueteSocketIO(TipoDePaquete.DISCONNECT, "/custom")),
        ('2["a",1]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["a", 1])),
        ('2/custom,12["a"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/custom", ["a"], 12)),
        ('2007["a"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["a"], 7)),
        ('29007199254740991["a"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["a"], 2**53 - 1)),
        ('2[1,"a"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", [1, "a"])),
        ('2["ping"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["ping"])),
        ('2["error"]', PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["error"])),
        (
            '2["a","\\u0000"]',
            PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["a", "\0"], defecto=CON_CONTROLES),
        ),
        (
            '2["a",' + M0 + "]",
            PaqueteSocketIO(TipoDePaquete.EVENT, "/", ["a", {"_placeholder": True, "num": 0}]),
        ),
        ("2", PaqueteSocketIO(TipoDePaquete.EVENT, "/")),
        ("312[]", PaqueteSocketIO(TipoDePaquete.ACK, "/", [], 12)),
        ("3[]", PaqueteSocketIO(TipoDePaquete.ACK, "/", [])),
    ],
)
def test_decodificar(texto: str, paquete: PaqueteSocketIO) -> None:
    assert leer(texto) == paquete


@pytest.mark.parametrize(
    "texto",
    ["", "abc", "7", "-1", "٢[]", '0["a"]', "0null", "01x", "0[]", "1{}", "1[]", "4", '4{"m":1}']
    + ["2{}", "2[]", "2null", '2"a"', "2[true]", "2[null]", "2[{}]", '2abc["a"]', '2["a"', "2 "]
    + ["2[NaN]", '2["a",Infinity]', '2["a",1e999]', "3{}", '3"a"', '29007199254740992["a"]']
    + ['212345678901234567890["a"]', '2٣["a"]', '2["a",' + "[" * 32 + "]" * 32 + "]"]
    + [f'2["{nombre}",1]' for nombre in sorted(marcos.RESERVADOS)]
    + ['2["\\u0063onnect"]', '2["connect","\\ud800"]'],
)
def test_texto_incorrecto(texto: str) -> None:
    with pytest.raises(ErrorPaquete):
        leer(texto)


def test_adjuntos_en_su_sitio() -> None:
    assert leer(f'52-/custom,9["a",{M1},{{"b":[{M0}]}}]', b"cero", b"uno") == PaqueteSocketIO(
        TipoDePaquete.EVENT, "/custom", ["a", b"uno", {"b": [b"cero"]}], 9
    )
    assert leer(f"61-3[{M0}]", b"") == PaqueteSocketIO(TipoDePaquete.ACK, "/", [b""], 3)


def test_diez_adjuntos() -> None:
    marcadores = ",".join(M0.replace("0", str(n)) for n in range(10))

    assert leer(f'510-["a",{marcadores}]', *[b"%d" % n for n in range(10)]) == PaqueteSocketIO(
        TipoDePaquete.EVENT, "/", ["a", *[b"%d" % n for n in range(10)]]
    )


@pytest.mark.parametrize(
    "mensajes",
    [
        [b"sin anunciar"],
        [f'51-["a",{M0}]', '2["b"]'],
        [f'51-["a",{M1}]', b"x"],
        ['51-["a",{"_placeholder":true,"num":-1}]', b"x"],
        ['51-["a",{"_placeholder":true,"num":"0"}]', b"x"],
        ['51-["a",{"_placeholder":true,"num":true}]', b"x"],
        ['51-["a",{"_placeholder":true,"num":0.5}]', b"x"],
        ['51-["a",{"_placeholder":true}]', b"x"],
        ['511-["a"]'],
        ['50-["a"]'],
        ['5-["a"]'],
        ['5["a"]'],
        ['51["a"]'],
        ['5-1-["a"]'],
        ['51.0-["a"]'],
        ['599999999999-["a"]'],
        ["51-"],
        ["51-{}"],
        [f'52-["a",{M0},{M1}]', b"x" * 500, b"x" * 500],
    ],
)
def test_adjuntos_incorrectos(mensajes: list[str | bytes]) -> None:
    with pytest.raises(ErrorPaquete):
        leer(*mensajes)


def test_el_decodificador_sigue_tras_un_paquete_con_adjuntos() -> None:
    decodificador = Decodificador(60)
    for _ in range(3):
        assert decodificador.agregar(f'51-["a",{M0}]') is None
        assert decodificador.a_medias
        assert decodificador.agregar(b"x" * 10) == PaqueteSocketIO(
            TipoDePaquete.EVENT, "/", ["a", b"x" * 10]
        )
        assert not decodificador.a_medias


def test_lo_que_no_es_unicode_se_dice_y_no_rompe() -> None:
    paquete = leer('27["a","\\ud800"]')

    assert paquete == PaqueteSocketIO(
        TipoDePaquete.EVENT, "/", ["a", "\ud800"], 7, SUSTITUTO_SUELTO
    )
    assert leer('0{"token":"a\\udfffb"}') == PaqueteSocketIO(
        TipoDePaquete.CONNECT, "/", {"token": "a?b"}, defecto=SUSTITUTO_SUELTO
    )


@pytest.mark.parametrize("control", ["\\u0000", "\\u001b", "\\r", "\\b", "\x7f", "\x85", "\\u009F"])
def test_un_caracter_de_control_se_dice_y_no_rompe(control: str) -> None:
    paquete = leer(f'27["a",{{"b":{{"c":"{control}"}}}}]')
    assert paquete is not None
    assert (paquete.id, paquete.defecto, paquete.campo) == (7, CON_CONTROLES, "b.c")
    assert leer('27["a","\\\\u0000\\t\\n"]') == PaqueteSocketIO(
        TipoDePaquete.EVENT, "/", ["a", "\\u0000\t\n"], 7
    )


@given(st.text() | st.from_regex(r"[0-7]?(\d{0,3}-)?(/\w*,)?\d{0,3}[\[{\]},\"\w]*", fullmatch=True))
def test_nunca_falla_de_otro_modo(texto: str) -> None:
    with contextlib.suppress(ErrorPaquete):
        leer(texto)


@given(st.lists(st.text(max_size=20).map(lambda t: f"5{len(t) % 3}-{t}") | st.binary()))
def test_los_adjuntos_nunca_fallan_de_otro_modo(mensajes: list[str | bytes]) -> None:
    decodificador = Decodificador(1000)
    try:
        for mensaje in mensajes:
            decodificador.agregar(mensaje)
    except ErrorPaquete:
        pass


def test_marcos() -> None:
    assert marcos.marco_evento("nuevo_mensaje", b'{"a":1}') == '42["nuevo_mensaje",{"a":1}]'
    assert marcos.marco_evento('a"b', b"1") == '42["a\\"b",1]'
    assert marcos.marco_ack(7, b'{"ok":true}') == '437[{"ok":true}]'
    assert marcos.marco_ack(7, b"1", "/custom") == "43/custom,7[1]"
    assert marcos.marco_connect("/", "abc") == '40{"sid":"abc"}'
    assert marcos.marco_connect("/custom", "abc") == '40/custom,{"sid":"abc"}'
    assert marcos.marco_connect_error("/", "no") == '44{"message":"no"}'
    assert marcos.marco_connect_error("/x", "no", {"code": "A"}) == (
        '44/x,{"message":"no","data":{"code":"A"}}'
    )
    assert marcos.marco_disconnect("/") == "41"
    assert marcos.marco_disconnect("/custom") == "41/custom,"


def test_codificar() -> None:
    assert codificar_evento("a", [1, {"b": "ñ\ud800"}]) == ['42["a",1,{"b":"\\u00f1\\ud800"}]']
    assert codificar_evento("a", [b"x", [b"y"]], "/custom") == [
        f'452-/custom,["a",{M0},[{M1}]]',
        b"x",
        b"y",
    ]
    assert codificar_ack(9, [{"b": b"x"}]) == [f'461-9[{{"b":{M0}}}]', b"x"]
    assert codificar_ack(0, []) == ["430[]"]


@pytest.mark.parametrize("nombre", sorted(marcos.RESERVADOS))
def test_un_nombre_reservado_no_puede_salir(nombre: str) -> None:
    with pytest.raises(ValueError, match="reservado"):
        marcos.marco_evento(nombre, b"1")


def test_lo_que_ningun_cliente_admite_no_puede_salir() -> None:
    with pytest.raises(ValueError, match="adjuntos"):
        codificar_evento("a", [b"x"] * 11)
    with pytest.raises(ValueError):
        codificar_evento("a", [float("inf")])


textos = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
argumentos = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | textos | st.binary(),
    lambda hijos: st.lists(hijos, max_size=3) | st.dictionaries(textos, hijos),
    max_leaves=10,
)


@given(
    textos.filter(lambda nombre: nombre not in marcos.RESERVADOS),
    st.lists(argumentos, max_size=3),
    st.sampled_from(["/", "/custom"]),
)
def test_ida_y_vuelta(nombre: str, valores: list[Any], espacio: str) -> None:
    tramas = codificar_evento(nombre, valores, espacio)
    decodificador = Decodificador(10_000)

    paquetes = [decodificador.agregar(m[1:] if isinstance(m, str) else m) for m in tramas]

    assert paquetes[:-1] == [None] * (len(tramas) - 1)
    assert paquetes[-1] == PaqueteSocketIO(TipoDePaquete.EVENT, espacio, [nombre, *valores])
