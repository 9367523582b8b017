"""Lo que comparten los modelos: identificadores y marcas de tiempo."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from datetime import UTC, datetime

from django.db import models
from django.utils.timezone import is_aware, make_aware

from mensajeria.entre_procesos import proceso

_contador = itertools.count(secrets.randbelow(2**24))


def nuevo_id() -> str:
    """24 dígitos hexadecimales con la disposición de un ObjectId: segundos, proceso y contador."""
    return f"{int(time.time()):08x}{proceso.este()[:10]}{next(_contador) & 0xFFFFFF:06x}"


def ahora() -> datetime:
    """La hora UTC con la precisión que guardan las tres bases: milisegundos."""
    instante = datetime.now(UTC)
    return instante.replace(microsecond=instante.microsecond // 1000 * 1000)


def leer_fecha(texto: str | None) -> datetime | None:
    """La que dice ese texto; ValueError o ValidationError si no es una que se sepa guardar."""
    cuando = models.DateTimeField().to_python(texto)
    # Más cerca de los extremos, cambiar de huso se sale de lo que Python o la base saben decir.
    if cuando is not None and not 1 < cuando.year < 9999:
        raise ValueError(texto)
    return cuando if cuando is None or is_aware(cuando) else make_aware(cuando)


_DAN_LA_VUELTA = "\u202a-\u202e\u2066-\u2069"
_CONTROLES = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029{_DAN_LA_VUELTA}]+"
)


def sin_controles(texto: str) -> str:
    """El texto de una persona para un título o una lista, donde no se puede aislar."""
    return _CONTROLES.sub(" ", texto).strip()


def da_la_vuelta(texto: str) -> bool:
    """Si lleva controles de dirección, que hacen leer otra cosa que la que dice."""
    return re.search(f"[{_DAN_LA_VUELTA}]", texto) is not None


class Identificado(models.Model):
    """Clave primaria de texto, `_id` también en la base, para que MongoDB use la misma."""

    id = models.CharField(
        "identificador",
        primary_key=True,
        max_length=36,
        db_column="_id",
        default=nuevo_id,
        editable=False,
    )

    class Meta:
        abstract = True
