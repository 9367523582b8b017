from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria.avisos.respuestas import recorte
from mensajeria.avisos.respuestas.recorte import de_html, lo_escrito, sin_cortes
from mensajeria.protocolo.textos import lleva_controles
from tests.avisos.respuestas import correos


@pytest.mark.parametrize(
    ("llano", "queda"),
    [
        (correos.GMAIL_ES_LLANO, "Sí, mañana a las *10*.\n\nLlevo el plano."),
        (correos.OUTLOOK_EN_LLANO, "Fine, I will check it today."),
        (correos.OUTLOOK_MOVIL_ES, "Voy para allá"),
        (correos.APPLE_ES_LLANO, "Claro, te llamo."),
        (correos.APPLE_EN_LLANO, "Sure, I'll call you."),
        (correos.PUNTO_POR_PUNTO, "Te contesto abajo:\n\nSí.\nTambién."),
        ("Sí.\n\n-- \nBeto\nJefe de obra\n", "Sí."),
        # Ni una lista ni un agradecimiento son una firma.
        ("Falta:\n- cal\n- arena\n\nGracias,\nte llamo luego\n", None),
        ("Salgo a las 10:00, llego a las 12:00 y vuelvo: ya te digo\n", None),
        ("El jefe escribió: no\n", None),
        ("> solo cita\n> y más\n> y más\n", ""),
        ("", ""),
    ],
)
def test_de_un_texto(llano: str, queda: str | None) -> None:
    assert lo_escrito(llano) == (llano.strip() if queda is None else queda)


@pytest.mark.parametrize(
    ("html", "queda"),
    [
        (correos.GMAIL_ES, "Sí, mañana a las 10.\n\nLlevo el plano."),
        (correos.GMAIL_EN, "Yes, at ten."),
        (correos.OUTLOOK_ES, "De acuerdo, lo reviso hoy."),
        (correos.APPLE_ES, "Claro, te llamo."),
        ("<p>Uno</p><p>Dos<br>tres</p>", "Uno\n\nDos\ntres"),
        ("<ul><li>cal</li><li>arena</li></ul>", "- cal\n- arena"),
        ('Mira <a href="https://a.es/x">esto</a>', "Mira esto (https://a.es/x)"),
        ('<a href="https://a.es/">a.es</a>', "a.es"),
        ("<script>x</script><style>y</style>Hola <!-- no -->", "Hola"),
        ("", ""),
        ("\x00\x00", ""),
    ],
)
def test_de_html(html: str, queda: str) -> None:
    assert lo_escrito(de_html(html)) == queda


def test_lo_que_fluye_se_junta_y_lo_citado_no() -> None:
    assert (
        sin_cortes("Uno \ndos\ntres\n> a \n> b\n-- \nBeto") == "Uno dos\ntres\n> a\n> b\n--\nBeto"
    )


@given(st.text(max_size=400), st.sampled_from([">", "El ", "On ", "De: ", "-- ", "\n", "<p>"]))
def test_de_lo_que_sea_no_falla_ni_deja_controles(texto: str, trozo: str) -> None:
    revuelto = trozo.join(texto)
    for hecho in (lo_escrito(revuelto), lo_escrito(de_html(revuelto))):
        assert not lleva_controles(hecho)


@pytest.mark.parametrize(
    "malo",
    [
        "2026/1/1 " + " <@" * 20_000,
        "2026/1/1 <@>\n" * 20_000,
        "Op " + " heeft" * 20_000,
        "On " * 40_000,
        "a: b\n" * 20_000,
        "de: b\n" * 20_000,
        "> \n\n" * 20_000,
        "Enviado desde " * 10_000,
        "\n" * 100_000,
        "--" + " \t" * 50_000,
    ],
)
def test_hecho_para_que_tarde_no_tarda(malo: str) -> None:
    antes = time.process_time()
    lo_escrito(malo)
    assert time.process_time() - antes < 5


@pytest.mark.parametrize(
    "malo",
    [
        "<div>" * 50_000 + "hola",
        "<blockquote>" * 5_000 + "hola",
        "<!--" * 50_000,
        "<a href='" * 20_000,
        "&" * 200_000,
        "<a>" * 20_000 + "x" + "</a>" * 20_000,
    ],
)
def test_html_hecho_para_que_tarde_tampoco(malo: str) -> None:
    antes = time.process_time()
    lo_escrito(de_html(malo))
    assert time.process_time() - antes < 5


def test_las_imagenes_de_lo_citado_no_quedan() -> None:
    entero = de_html(
        '<p>Mira <img src="cid:uno"></p><blockquote><p>a</p><p><img src="cid:dos"></p><p>b</p>'
        "</blockquote>"
    )
    assert recorte.imagenes_de(entero) == {"uno", "dos"}
    queda = lo_escrito(entero)
    assert recorte.imagenes_de(queda) == {"uno"}
    assert recorte.sin_imagenes(queda) == "Mira"
