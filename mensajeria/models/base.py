"""Lo que comparten los modelos: identificadores y marcas de tiempo."""

from __future__ import annotations

import itertools
import os
import secrets
import time
from datetime import UTC, datetime

from django.db import models

_contador = itertools.count(secrets.randbelow(2**24))
_azar = secrets.token_hex(5)


def _azar_nuevo() -> None:
    global _azar
    _azar = secrets.token_hex(5)


# Un proceso hijo no debe repetir los identificadores de su padre.
os.register_at_fork(after_in_child=_azar_nuevo)


def nuevo_id() -> str:
    """24 dígitos hexadecimales con la disposición de un ObjectId: segundos, azar y contador."""
    return f"{int(time.time()):08x}{_azar}{next(_contador) & 0xFFFFFF:06x}"


def ahora() -> datetime:
    """La hora UTC con la precisión que guardan las tres bases: milisegundos."""
    instante = datetime.now(UTC)
    return instante.replace(microsecond=instante.microsecond // 1000 * 1000)


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
