"""Cuánto dura un audio o un vídeo, y que no diga dónde se grabó."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import pytest

from mensajeria.archivos.taller import webm
from mensajeria.archivos.taller.resultado import NoAdmitido
from tests.archivos import muestras as m
from tests.archivos.apoyo import inspeccionar


@pytest.mark.parametrize(
    ("crudo", "segundos"),
    [
        (m.wav(0.5), 0.5),
        (m.mp3(80), 80 * 1152 / 44100),
        (m.ogg(), 1.0),
        (m.mp4(segundos=3), 3.0),
        (m.mp4(video=False, segundos=7), 7.0),
        (m.webm(segundos=4.5), 4.5),
        # Un navegador no lo dice: hasta el último bloque.
        (m.webm(), 1.96),
    ],
)
def test_la_duracion(crudo: bytes, segundos: float) -> None:
    assert inspeccionar(crudo).datos["duracion"] == pytest.approx(segundos, abs=0.05)


def _por_trozos(extendida: bool) -> bytes:
    """Como lo graba Safari: la cabecera dice 0, y cada trozo cuándo empieza."""
    mvhd = m.caja(b"mvhd", struct.pack(">4I2I", 0, 0, 0, 1000, 0, 0), bytes(76))
    mdhd = m.caja(b"mdhd", struct.pack(">4I2I", 0, 0, 0, 1000, 0, 0))
    hdlr = m.caja(b"hdlr", bytes(8), b"soun", bytes(13))
    mehd = m.caja(b"mvex", m.caja(b"mehd", struct.pack(">2I", 0, 2500))) if extendida else b""
    trozos = b"".join(
        m.caja(b"moof", m.caja(b"traf", m.caja(b"tfdt", struct.pack(">2I", 0, hora))))
        for hora in (0, 1000, 2000)
    )
    moov = m.caja(b"moov", mvhd, m.caja(b"trak", m.caja(b"mdia", mdhd, hdlr)), mehd)
    return m.caja(b"ftyp", b"isom", bytes(4), b"isom") + moov + trozos


def test_la_de_lo_que_se_graba_por_trozos() -> None:
    assert inspeccionar(_por_trozos(True)).datos["duracion"] == 2.5
    assert inspeccionar(_por_trozos(False)).datos["duracion"] == 2.0


def _con_duracion(escala: int, duracion: int) -> bytes:
    """Un MP4 que dice eso, con 64 bits."""
    mvhd = m.caja(b"mvhd", struct.pack(">IQQIQ", 1 << 24, 0, 0, escala, duracion), bytes(76))
    hdlr = m.caja(b"hdlr", bytes(8), b"vide", bytes(13))
    moov = m.caja(b"moov", mvhd, m.caja(b"trak", m.caja(b"mdia", hdlr)))
    return m.caja(b"ftyp", b"mp42", bytes(4), b"mp42") + moov


@pytest.mark.parametrize("segundos", [math.nan, math.inf, -math.inf, -1.0, 1e30])
def test_una_duracion_imposible_se_niega(segundos: float) -> None:
    """Una que no es un número no cabe en el JSON del mensaje."""
    with pytest.raises(NoAdmitido) as error:
        inspeccionar(m.webm(segundos=segundos))
    assert error.value.codigo == "FILE_DAMAGED"


def test_la_de_un_mp4_tambien_y_la_que_dice_que_no_se_sabe_no() -> None:
    assert inspeccionar(_con_duracion(1000, 5500)).datos["duracion"] == 5.5
    assert inspeccionar(_con_duracion(1000, 2**64 - 1)).datos["duracion"] == 0
    with pytest.raises(NoAdmitido):
        inspeccionar(_con_duracion(1, 2**63))


@pytest.mark.parametrize("de", [m.mp4, m.webm])
@pytest.mark.parametrize("video", [True, False])
def test_pierde_su_posicion_y_nada_se_mueve(de: Callable[..., bytes], video: bool) -> None:
    crudo = de(video=video)
    assert b"+40.4168" in crudo
    hallado = inspeccionar(crudo)
    limpio = hallado.contenido
    assert len(limpio) == len(crudo)
    assert b"+40.4168" not in limpio
    assert m.MARCA.encode() not in limpio
    dato = b"mdat" if de is m.mp4 else b"sonido"
    assert limpio.index(dato) == crudo.index(dato)
    # Lo limpio vale: es lo que se guarda.
    assert inspeccionar(limpio) == hallado


def test_un_wav_pierde_todo_menos_el_sonido_y_nada_se_mueve() -> None:
    crudo = m.wav_con_notas()
    hallado = inspeccionar(crudo)
    limpio = hallado.contenido
    assert m.MARCA.encode() not in limpio
    assert len(limpio) == len(crudo)
    assert limpio.index(b"data") == crudo.index(b"data")
    assert hallado.datos == inspeccionar(m.wav()).datos
    assert inspeccionar(limpio) == hallado


@pytest.mark.parametrize("relleno", [b"", b"\0"])
def test_a_un_wav_impar_le_puede_faltar_el_relleno(relleno: bytes) -> None:
    sonido = m.wav()[12:36] + b"data" + struct.pack("<I", 8001) + b"\x7f" * 8001
    notas = b"bext" + struct.pack("<I", 20) + m.MARCA.encode().ljust(20)
    crudo = b"RIFF\xff\xff\xff\xffWAVE" + sonido + relleno + notas
    limpio = inspeccionar(crudo).contenido
    assert limpio == crudo[: -len(notas)] + b"JUNK" + notas[4:8] + bytes(20)


def test_un_mp3_se_queda_en_sus_marcos() -> None:
    hallado = inspeccionar(m.mp3_con_notas())
    assert hallado.contenido == m.mp3()
    assert hallado == inspeccionar(m.mp3())


@pytest.mark.parametrize("largo", [2, 8, 9, 10, 200, 70_000])
def test_el_hueco_de_un_webm_ocupa_lo_que_lo_quitado(largo: int) -> None:
    hueco = webm._hueco(largo)
    assert len(hueco) == largo
    assert webm._numero(hueco, 0, con_marca=True)[0] == webm._HUECO
    dentro, donde = webm._numero(hueco, 1)
    assert donde + dentro == largo
