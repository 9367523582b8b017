"""Escribir de una vez muchas filas, las haya o no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection


def poner(filas: Sequence[Any], campos: Sequence[str]) -> None:
    """Crea las que no hay, y de las demás cambia esos campos. Dentro de una transacción.

    `bulk_update` es un CASE por fila, y el JSON no entra en él. En MongoDB se escriben otra vez,
    enteras: han de traer todo lo suyo.
    """
    if not filas:
        return
    todas = type(filas[0])._base_manager
    if connection.features.supports_update_conflicts:
        todas.bulk_create(
            filas, update_conflicts=True, unique_fields=["id"], update_fields=list(campos)
        )
        return
    suyas = todas.filter(pk__in=[f.pk for f in filas])
    suyas._raw_delete(suyas.db)
    todas.bulk_create(filas)
