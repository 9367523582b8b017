"""Lo que puede tardar una búsqueda."""

from __future__ import annotations

from typing import Final

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

SEGUNDOS: Final = 3.0


def tardo() -> ErrorMensajeria:
    """UNAVAILABLE, y qué hacer para que no tarde."""
    return ErrorMensajeria(
        CodigoError.UNAVAILABLE,
        "La búsqueda tardaba demasiado: añade una palabra, o busca en una conversación o desde una"
        " fecha",
        reintentar_en=1.0,
    )
