"""Las tramas, byte a byte, sin red."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate

from mensajeria.puertas.tramas import (
    BINARIA,
    CIERRE,
    FALLO,
    PING,
    PONG,
    TEXTO,
    LectorDeTramas,
    Trama,
    de_cierre,
    de_evento,
    de_mensaje,
    hacer,
)

MASCARA = b"\x01\x02\x03\x04"


def del_cliente(primero: int, carga: bytes = b"", con_mascara: bool = True) -> bytes:
    """La trama que enviaría, con ese primer octeto."""
    largo, bit = len(carga), 0x80 if con_mascara else 0
    if largo < 126:
        cabecera = bytes((primero, bit | largo))
    elif largo < 65_536:
        cabecera = struct.pack("!BBH", primero, bit | 126, largo)
    else:
        cabecera = struct.pack("!BBQ", primero, bit | 127, largo)
    if not con_mascara:
        return cabecera + carga
    return cabecera + MASCARA + bytes(b ^ MASCARA[i % 4] for i, b in enumerate(carga))


def leer(*trozos: bytes, maximo: int = 100_000) -> list[Trama]:
    lector = LectorDeTramas(maximo)
    return [trama for trozo in trozos for trama in lector.leer(trozo)]


def codigo(trama: Trama) -> int:
    tipo, carga = trama
    assert tipo == FALLO and isinstance(carga, bytes)
    return int.from_bytes(carga[:2], "big")


def test_lo_que_se_envia_va_entero_y_sin_mascara() -> None:
    assert de_mensaje("ñ") == b"\x81\x02\xc3\xb1"
    assert de_mensaje(b"\xff") == b"\x82\x01\xff"
    assert hacer(PING, b"abcd") == b"\x89\x04abcd"
    assert de_cierre(1012) == b"\x88\x02\x03\xf4"
    assert de_cierre(1011, "x") == b"\x88\x03\x03\xf3x"
    for largo, cabecera in (
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ):
        assert de_mensaje("a" * largo) == cabecera + b"a" * largo


def test_comprimido_si_asi_ocupa_menos() -> None:
    trama = de_mensaje("hola " * 50, 12)
    assert trama[0] == 0xC1 and len(trama) < 40
    inflador = zlib.decompressobj(wbits=-12)
    assert inflador.decompress(trama[2:] + b"\x00\x00\xff\xff") == b"hola " * 50
    assert de_mensaje("a", 12) == b"\x81\x01a"


def test_la_misma_funcion_para_los_mismos_argumentos() -> None:
    def marco(evento: str, datos: bytes) -> str:
        return evento + datos.decode()

    assert de_evento(marco, 0) is de_evento(marco, 0)
    assert de_evento(marco, 0) is not de_evento(marco, 12)
    assert de_evento(marco, 0)("e", b"{}") == b"\x81\x03e{}"


@given(
    st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=6),
    st.integers(1, 40),
)
def test_lleguen_en_los_trozos_que_lleguen(mensajes: list[str | bytes], cada: int) -> None:
    todo = b"".join(
        del_cliente(0x81, m.encode()) if isinstance(m, str) else del_cliente(0x82, m)
        for m in mensajes
    )
    trozos = [todo[i : i + cada] for i in range(0, len(todo), cada)]
    assert leer(*trozos) == [(TEXTO if isinstance(m, str) else BINARIA, m) for m in mensajes]


@pytest.mark.parametrize("largo", [125, 126, 65_535, 65_536])
def test_cada_longitud(largo: int) -> None:
    trama = del_cliente(0x81, b"a" * largo)
    assert leer(trama, b"") == leer(trama[:1], trama[1:9], trama[9:]) == [(TEXTO, "a" * largo)]


def test_las_de_control_y_entre_partes() -> None:
    trozos = (
        del_cliente(0x89, b"p"),
        del_cliente(0x01, b"ho"),
        del_cliente(0x8A, b"q"),
        del_cliente(0x00, "lañ".encode()[:3]),
        del_cliente(0x80, "lañ".encode()[3:]),
        del_cliente(0x82, b"x"),
        del_cliente(0x88, b"\x03\xe8"),
    )
    esperado = [
        (PING, b"p"),
        (PONG, b"q"),
        (TEXTO, "holañ"),
        (BINARIA, b"x"),
        (CIERRE, b"\x03\xe8"),
    ]
    assert leer(*trozos) == leer(b"".join(trozos)) == esperado


@pytest.mark.parametrize(
    ("datos", "esperado"),
    [
        (del_cliente(0x81, b"\xff"), 1007),
        (del_cliente(0x01, b"\xc3") + del_cliente(0x80, b"a"), 1007),
        (del_cliente(0x81, b"a", con_mascara=False), 1002),
        (del_cliente(0x80, b"a"), 1002),
        (del_cliente(0x01, b"a") + del_cliente(0x81, b"b"), 1002),
        (del_cliente(0x83, b"a"), 1002),
        (del_cliente(0xC1, b"a"), 1002),
        (del_cliente(0x09, b"a"), 1002),
        (del_cliente(0x89, b"a" * 126), 1002),
        (del_cliente(0x88, b"\x03"), 1002),
        (del_cliente(0x88, b"\x03\xed"), 1002),
        (del_cliente(0x81, b"a" * 1001)[:4], 1009),
        (del_cliente(0x01, b"a" * 600) + del_cliente(0x80, b"b" * 401), 1009),
    ],
)
def test_lo_incorrecto_acaba_con_su_codigo(datos: bytes, esperado: int) -> None:
    bueno = del_cliente(0x81, b"antes")
    tramas = leer(bueno + datos + bueno, maximo=1000)
    assert tramas[0] == (TEXTO, "antes")
    assert codigo(tramas[1]) == esperado


def test_lo_comprimido_se_lee_si_se_acordo_y_con_su_limite() -> None:
    extension = PerMessageDeflate(True, True, 12, 12)
    comprimida = bytearray(de_mensaje("hola " * 50, 12))
    trama = del_cliente(comprimida[0], bytes(comprimida[2:]))
    assert LectorDeTramas(1000, [extension]).leer(trama) == [(TEXTO, "hola " * 50)]
    assert codigo(LectorDeTramas(100, [extension]).leer(trama)[0]) == 1009
    assert codigo(LectorDeTramas(1000).leer(trama)[0]) == 1002
