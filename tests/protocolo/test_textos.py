"""Qué texto no se admite y cuál no dice nada."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from mensajeria.protocolo.textos import en_blanco, es_unicode, lleva_controles, quitar_controles


def test_los_caracteres_de_control_son_los_de_unicode() -> None:
    de_unicode = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cc"}
    assert {c for c in map(chr, range(0x300)) if lleva_controles(f"a{c}b")} == de_unicode - {
        *"\t\n"
    }
    assert not lleva_controles("a\r\nb\r\n")
    assert lleva_controles("a\r\r\nb")


@pytest.mark.parametrize(
    ("texto", "cabe"), [("", True), ("ñ€😀", True), ("\ud83d", False), ("a\udc00b", False)]
)
def test_medio_par_de_sustitutos_no_es_unicode(texto: str, cabe: bool) -> None:
    assert es_unicode(texto) is cabe


def test_quitarlos_deja_los_saltos_de_linea() -> None:
    assert quitar_controles("a\x00\tb\r\nc\rd\x85\x7fe") == "a\tb\r\nc\nde"


@pytest.mark.parametrize(
    "texto",
    ["", "   ", "\t\n", "\u200b", "\u00ad\u2060", "\ufeff\u200e\u202e", "\u3164", "\u2800"]
    + ["\u115f\u1160", "\U000e0041\U000e007f", "\ufe0f", "\u3000\u00a0\u2003", "\u034f\u180e"],
    ids=ascii,
)
def test_lo_que_no_se_ve_esta_en_blanco(texto: str) -> None:
    assert en_blanco(texto)


@pytest.mark.parametrize(
    "texto",
    ["a", ".", "\u200b.\u200b", "❤\ufe0f", "👩\u200d💻", "\u0601", "\u0301", "ㅤㅏ"],
    ids=ascii,
)
def test_lo_que_se_ve_no(texto: str) -> None:
    assert not en_blanco(texto)


def test_nada_con_trazo_pasa_por_blanco() -> None:
    """Ninguna letra, cifra, signo ni símbolo, salvo los que Unicode dibuja vacíos."""
    vacios = {*"\u115f\u1160\u3164\uffa0\u2800\U0001d159"}
    visibles = [
        c
        for c in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(c)[0] in "LNPS" and en_blanco(c)
    ]
    assert set(visibles) == vacios
