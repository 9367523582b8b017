"""Qué texto no se admite, y cuál no dice nada (docs/contrato.md, sección 3)."""

from __future__ import annotations

import re

CON_CONTROLES = (
    "El texto no puede llevar caracteres de control, salvo el tabulador y el salto de línea"
)

# La categoría Cc de Unicode, menos `\t` y `\n`, que en Windows va tras `\r`. En JSON ocupan seis
# bytes cada uno, y PostgreSQL no guarda NUL.
_CONTROLES = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_RETORNO_SUELTO = re.compile("\r(?!\n)")
_CON_CONTROLES = re.compile(f"[{_CONTROLES}]|\r(?!\n)")

# Lo que Unicode llama «Default_Ignorable_Code_Point» (DerivedCoreProperties.txt), las anotaciones
# interlineales y lo que se dibuja como un hueco: el braille vacío y dos rellenos.
_SIN_TRAZO = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\u2800\U0001d159\U00016fe4"
)
_ALGO_QUE_SE_VE = re.compile(rf"[^\s{_CONTROLES}{_SIN_TRAZO}]")


def lleva_controles(texto: str) -> bool:
    """Si lleva algún carácter de control que no sea el tabulador ni el salto de línea."""
    return _CON_CONTROLES.search(texto) is not None


def quitar_controles(texto: str) -> str:
    """El mismo sin ellos; un `\\r` suelto, que fue un salto de línea, queda como `\\n`."""
    return _CON_CONTROLES.sub("", _RETORNO_SUELTO.sub("\n", texto))


def es_unicode(texto: str) -> bool:
    """Si cabe en UTF-8: sin medios pares de sustitutos."""
    try:
        texto.encode()
    except UnicodeEncodeError:
        return False
    return True


def en_blanco(texto: str) -> bool:
    """Si no se vería nada: está vacío, o solo lleva espacios y puntos de código sin trazo."""
    return _ALGO_QUE_SE_VE.search(texto) is None
