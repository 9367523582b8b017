"""Lo que puede tardar una búsqueda."""

from __future__ import annotations

from typing import Final

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

SEGUNDOS: Final = 3.0
# Lo que se mira de una vez, antes de contestar con lo que haya y por dónde seguir.
SEGUNDOS_DE_UNA_VEZ: Final = 0.06
# Cuánto más de una vez a otra, si da tiempo; si no lo da, menos.
_CRECE = 4.0


def siguiente(miradas: int, tardo: float, quedan: float) -> int:
    """Cuántas mirar después de esas, con lo que tardaron y lo que queda: por lo menos una."""
    veces = _CRECE if tardo <= 0 else quedan / tardo
    return max(1, int(miradas * min(_CRECE, max(1 / _CRECE, veces))))


def tardo() -> ErrorMensajeria:
    """UNAVAILABLE, y qué hacer para que no tarde."""
    return ErrorMensajeria(
        CodigoError.UNAVAILABLE,
        "La búsqueda tardaba demasiado: añade una palabra, o busca en una conversación o desde una"
        " fecha",
        reintentar_en=1.0,
    )
