"""Las tramas de un cliente, en bytes."""

from __future__ import annotations

import pytest

from bancos.carga.tramas import PING, TEXTO, Lector, trama


def test_una_trama_corta_va_enmascarada_con_ceros():
    assert trama(b"hola") == b"\x81\x84\x00\x00\x00\x00hola"


def test_los_largos_de_dos_y_de_ocho_bytes():
    assert trama(b"x" * 126)[:8] == b"\x81\xfe\x00\x7e\x00\x00\x00\x00"
    assert trama(b"x" * 65536)[:10] == b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00"


DEL_SERVIDOR = (
    b"\x81\x03uno"
    + b"\x89\x00"
    + b"\x81\x7e\x00\x80"
    + b"x" * 128
    + b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"
    + b"y" * 65536
)


@pytest.mark.parametrize("trozo", [1, 2, 7, 65536, len(DEL_SERVIDOR)])
def test_se_lee_lo_mismo_llegue_como_llegue(trozo):
    lector = Lector()

    leidas = [
        leida
        for i in range(0, len(DEL_SERVIDOR), trozo)
        for leida in lector.leer(DEL_SERVIDOR[i : i + trozo])
    ]

    assert leidas == [(TEXTO, b"uno"), (PING, b""), (TEXTO, b"x" * 128), (TEXTO, b"y" * 65536)]
