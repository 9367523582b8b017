"""En qué idioma se sirve la página."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

IDIOMAS = ("es", "en")


def idioma_de(request: HttpRequest) -> str:
    """De los que la página sabe, el primero que pide el navegador; si no pide ninguno, español."""
    pedidos = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    sabidos = (lengua.split("-")[0] for lengua, _ in pedidos)
    return next((lengua for lengua in sabidos if lengua in IDIOMAS), IDIOMAS[0])
