"""El tipo lo dice el contenido, y lo que no está en la lista se niega diciendo por qué."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mensajeria.archivos.taller import imagenes, mp4, tipos, webm
from mensajeria.archivos.taller.resultado import NoAdmitido
from tests.archivos import muestras as m
from tests.archivos.apoyo import inspeccionar

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def negado(crudo: bytes) -> str:
    with pytest.raises(NoAdmitido) as error:
        inspeccionar(crudo)
    return error.value.codigo.value


@pytest.mark.parametrize(
    ("crudo", "tipo", "clase"),
    [
        (m.imagen("JPEG"), tipos.JPEG, "imagen"),
        (m.imagen("PNG"), tipos.PNG, "imagen"),
        (m.imagen("GIF"), tipos.GIF, "imagen"),
        (m.imagen("WEBP"), tipos.WEBP, "imagen"),
        (m.pdf(), tipos.PDF, "archivo"),
        (m.ole("WordDocument"), tipos.DOC, "archivo"),
        (m.ole("Workbook"), tipos.XLS, "archivo"),
        (m.ole("Book"), tipos.XLS, "archivo"),
        (m.ole("Workbook", datos=m.libro(False)), tipos.XLS, "archivo"),
        (m.ole("WordDocument", dentro_de="ObjectPool"), tipos.DOC, "archivo"),
        # Con otro documento dentro, que en un DOCX es un ZIP.
        (m.ole("WordDocument", datos=m.ofimatica("xl")), tipos.DOC, "archivo"),
        (m.ofimatica("word"), tipos.DOCX, "archivo"),
        (m.ofimatica("xl"), tipos.XLSX, "archivo"),
        (m.comprimido(uno_txt="hola", carpeta__dos_png="x"), tipos.ZIP, "archivo"),
        (b"PK\x05\x06" + bytes(18), tipos.ZIP, "archivo"),
        (b"%!TEX root = tesis.tex\n\\section{Uno}", tipos.TEXTO, "archivo"),
        (b"#!/bin/sh\necho hola\n", tipos.TEXTO, "archivo"),
        (b"Un PDF empieza por %PDF-1.4", tipos.TEXTO, "archivo"),
        (b"ID;PRECIO\n1;20\n2;30\n", tipos.CSV, "archivo"),
        ("Hola, ¿qué tal?\n".encode(), tipos.TEXTO, "archivo"),
        ("Mañana, a las tres".encode("cp1252"), tipos.TEXTO, "archivo"),
        ("Mañana".encode("utf-16"), tipos.TEXTO, "archivo"),
        (b"BMW, Audi y MZ: tres marcas", tipos.TEXTO, "archivo"),
        (b"5 < 6 y <b> es una letra", tipos.TEXTO, "archivo"),
        (b"nombre,edad\nana,30\nbeto,41\n", tipos.CSV, "archivo"),
        ("año;euros\n2025;1,5\n".encode("cp1252"), tipos.CSV, "archivo"),
        (m.mp3(), tipos.MP3, "audio"),
        (b"\xff\xfa" + m.mp3()[2:], tipos.MP3, "audio"),
        (m.ogg(), tipos.OGG, "audio"),
        (m.wav(), tipos.WAV, "audio"),
        (m.mp4(video=False, marca=b"M4A "), tipos.M4A, "audio"),
        (m.mp4(video=False), tipos.M4A, "audio"),
        (m.mp4(), tipos.MP4, "video"),
        (m.webm(), tipos.WEBM_DE_AUDIO, "audio"),
        (m.webm(video=True), tipos.WEBM, "video"),
    ],
)
def test_lo_que_se_admite(crudo: bytes, tipo: str, clase: str) -> None:
    hallado = inspeccionar(crudo)
    assert (hallado.tipo, hallado.clase) == (tipo, clase)


@pytest.mark.parametrize(
    "crudo",
    [
        HTML,
        SVG,
        b"\xef\xbb\xbf \n<?xml version='1.0'?>" + SVG,
        b"<!-- nada -->" + HTML,
        b"hola " + HTML,
        ("﻿" + HTML.decode()).encode("utf-16"),
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"\x00\x01\x02",
        b"texto con un \x00 dentro",
        b"BM" + bytes(60),
        b"\x00\x00\x00\x18ftypheic" + bytes(40),
        b"Rar!\x1a\x07\x00" + bytes(40),
        rb"{\rtf1\ansi hola}",
        b"\xef\xbb\xbf\r\n" + rb"{\rt hola}",
        r"{\rtf1 hola}".encode("utf-16"),
        b"%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n",
        b"!<arch>\nhola.txt/  0  0  0  644  2  `\nx\n",
        b"ID;PWXL;N;E\nC;Y1;X1;K0;ECALL()\nE\n",
        m.ole("PowerPoint Document"),
        m.ofimatica("ppt"),
        m.ofimatica("word", "word/vbaProject.bin"),
        m.ofimatica("xl", "xl/macrosheets/sheet1.xml"),
        m.ole("WordDocument", dentro_de="VBA"),
        m.ole("Workbook", dentro_de="_VBA_PROJECT_CUR"),
        m.ole("Workbook", datos=m.libro(True)),
        m.ole("Book", datos=m.libro(True)),
        m.comprimido(mimetype="application/vnd.oasis.opendocument.text", content_xml="x"),
        m.comprimido(**{"META-INF__MANIFEST_MF": "Main-Class: X"}),
        m.comprimido(AndroidManifest_xml="x"),
        m.theora(),
        m.webm(doctype=b"matroska"),
    ],
)
def test_lo_que_no_esta_en_la_lista(crudo: bytes) -> None:
    assert negado(crudo) == "FILE_TYPE_NOT_ALLOWED"


def test_vacio() -> None:
    assert negado(b"") == "FILE_EMPTY"


@pytest.mark.parametrize(
    "crudo",
    [
        *(m.imagen(f, (300, 200))[:-200] for f in ("JPEG", "PNG", "WEBP")),
        m.imagen("GIF", (300, 200))[:400],
        m.animacion()[:-1],
        m.gif((0, 0, 1, 1), (0, 0, 1, 1))[:-1],
        *(
            crudo[: len(crudo) * 6 // 10]
            for crudo in (m.animacion(8, formato=f) for f in ("GIF", "WEBP", "PNG"))
        ),
        m.pdf()[:40],
        m.comprimido(uno_txt="hola")[:-30],
        m.ole("WordDocument")[:1000],
        m.mp4()[:-10],
        m.wav()[:-10],
        m.webm(video=True)[:30],
        m.ogg()[:30],
        b"ID3\x04" + bytes(200),
        m.caja(b"ftyp", b"mp42", bytes(4)),
    ],
)
def test_lo_danado_y_lo_cortado(crudo: bytes) -> None:
    assert negado(crudo) == "FILE_DAMAGED"


def _honda(cuantas: int) -> bytes:
    crudo = b""
    for _ in range(cuantas):
        crudo = m.caja(b"moov", crudo)
    return m.caja(b"ftyp", b"mp42", bytes(4), b"mp42") + crudo


@pytest.mark.parametrize(
    "hacer",
    [
        m.bomba,
        lambda: m.animacion(60, (1024, 1024)),
        lambda: m.gif(*[(0, 0, 1, 1)] * (imagenes.MAX_CUADROS + 1)),
        lambda: m.gif((0, 0, 1, 1), (7999, 7999, 1, 1)),
        lambda: _honda(900),
        lambda: m.caja(b"ftyp", b"mp42", bytes(4), b"mp42") + m.caja(b"free") * mp4.MAX_CAJAS,
        lambda: m.webm()[:20] + b"\xec\x80" * webm.MAX_ELEMENTOS,
    ],
    ids=["píxeles", "de todos", "cuadros", "crece", "hondo", "cajas", "elementos"],
)
def test_lo_que_ocupa_demasiado_al_abrirlo(hacer: Callable[[], bytes]) -> None:
    crudo = hacer()
    assert len(crudo) < 3 * 2**20
    antes = time.process_time()
    assert negado(crudo) == "FILE_BOMB"
    # Ni cuesta lo que costaría abrirlo.
    assert time.process_time() - antes < 10


@pytest.mark.parametrize(
    "crudo",
    [
        m.imagen("GIF") + m.comprimido(a_js="alert(1)"),
        m.imagen("JPEG") + m.comprimido(a_js="x"),
        m.imagen("PNG") + b"<script>alert(1)</script>",
        m.imagen("JPEG", comment=b"<?php system($_GET[0]); ?>"),
        m.imagen("JPEG", comment=b"%PDF-1.4 "),
        m.imagen("PNG") + b"Rar!\x1a\x07\x00",
        m.pdf() + m.comprimido(a_js="x"),
        b"Hola\n" + m.pdf(),
        m.ole("WordDocument")[:8] + b"%PDF-1.4" + m.ole("WordDocument")[16:],
        m.ole("WordDocument") + b"Rar!\x1a\x07\x00" + bytes(600),
        m.ole("Workbook").ljust(8192, b"\0") + b"7z\xbc\xaf\x27\x1c" + bytes(600),
        m.ole("WordDocument") + HTML.ljust(600),
        m.ole("WordDocument") + m.comprimido(a_js="x"),
        m.ole("Workbook") + m.comprimido(a_js="x"),
        b"%PDF-1.4\n<html><script>alert(1)</script>\n%%EOF",
        m.mp4() + m.comprimido(a_js="x"),
        m.mp3() + SVG,
        b"GIF89a/*" + m.imagen("GIF")[8:] + b"*/=1;alert(1)",
        b"GIF89a=1;alert(1)//" + m.imagen("GIF")[8:],
    ],
)
def test_dos_formatos_en_uno(crudo: bytes) -> None:
    assert negado(crudo) == "FILE_AMBIGUOUS"


@pytest.mark.parametrize(
    "crudo",
    [
        m.mp4() + m.caja(b"free", b"\x8f<svg\x00\xff<SvG \x91\x03", bytes(40)),
        m.mp4() + m.caja(b"free", b"<?php\x00\x01<html\xfe", bytes(40)),
        m.imagen("JPEG", comment=b"\x01<svg>\x02\x03\x04"),
        m.imagen("GIF", (61, 40)),
        m.imagen("GIF", (317, 40)),
        m.animacion(3, (61, 61)),
    ],
)
def test_lo_que_el_azar_pone_en_un_archivo_honrado_no_es_codigo(crudo: bytes) -> None:
    assert inspeccionar(crudo).clase in ("video", "imagen")


def test_lo_que_itunes_pone_en_sus_peliculas_no_es_una_pagina() -> None:
    lista = (
        b'<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" '
        b'"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"/>'
    )
    for donde in (b"udta", b"free"):
        crudo = m.mp4() + m.caja(donde, lista)
        assert inspeccionar(crudo).clase == "video"
    # Lo que de todos modos se borra no es de nadie.
    assert inspeccionar(m.mp4() + m.caja(b"uuid", HTML)).clase == "video"


def test_a_un_gif_quieto_le_puede_faltar_el_final() -> None:
    assert inspeccionar(m.imagen("GIF")[:-1]).contenido[-1:] == b";"


@pytest.mark.parametrize(
    "codigo",
    [b"<svg/onload=alert(1)>", b"<SCRIPT>alert(1)</SCRIPT>", b"<?php system($_GET[0]);", HTML],
)
def test_el_que_alguien_escribe_si_lo_es(codigo: bytes) -> None:
    for crudo in (m.mp4() + m.caja(b"free", bytes(2000), codigo), m.imagen("JPEG", comment=codigo)):
        assert negado(crudo) == "FILE_AMBIGUOUS"


def test_lo_que_el_telefono_pone_detras_de_una_foto_no_es_otro_formato() -> None:
    """Las fotos con movimiento llevan un vídeo pegado: se va al hacerla de nuevo."""
    foto = m.foto() + m.mp4()
    assert b"ftyp" not in inspeccionar(foto).contenido


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_cualquier_cosa_se_admite_o_se_niega(crudo: bytes) -> None:
    try:
        assert inspeccionar(crudo).tipo in tipos.EXTENSIONES
    except NoAdmitido as rechazo:
        assert rechazo.codigo.startswith("FILE_")


@given(
    st.sampled_from(
        [
            *(m.imagen("GIF"), m.mp4(), m.webm(), m.ogg(), m.ole("Book"), m.pdf()),
            *(m.comprimido(a_zip="x" * 900), m.ofimatica("word"), m.mp3_con_notas()),
            m.wav_con_notas(),
        ]
    ),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_lo_estropeado_se_admite_o_se_niega(crudo: bytes, datos: st.DataObject) -> None:
    donde = datos.draw(st.integers(0, len(crudo) - 1))
    estropeado = crudo[:donde] + datos.draw(st.binary(max_size=8)) + crudo[donde + 4 :]
    test_cualquier_cosa_se_admite_o_se_niega.hypothesis.inner_test(estropeado)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("nombre", "tipo", "descarga"),
    [
        ("informe.pdf", tipos.PDF, "informe.pdf"),
        ("FOTO.JPG", tipos.JPEG, "FOTO.JPG"),
        ("factura.bat", tipos.TEXTO, "factura.bat.txt"),
        ("pagina.html", tipos.TEXTO, "pagina.html.txt"),
        ("foto.png", tipos.JPEG, "foto.png.jpg"),
        (".htaccess", tipos.TEXTO, ".htaccess.txt"),
        ("CON", tipos.PDF, "CON.pdf"),
        ("tabla.csv", tipos.TEXTO, "tabla.csv"),
    ],
)
def test_el_nombre_con_el_que_se_baja(nombre: str, tipo: str, descarga: str) -> None:
    assert tipos.con_su_extension(nombre, tipo) == descarga
