"""Si las credenciales de un usuario siguen valiendo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mensajeria.models import Usuario


class Vigencia(NamedTuple):
    """Lo que decide si las credenciales de un usuario valen."""

    version: int
    activo: bool
    tokens_desde: datetime | None


def usuarios_vigentes(ids: Iterable[str]) -> dict[str, Vigencia]:
    """De los que existen, lo que decide si sus conexiones abiertas siguen valiendo."""
    filas = Usuario.objects.filter(pk__in=list(ids)).values_list(
        "pk", "version", "is_active", "tokens_desde"
    )
    return {pk: Vigencia(version, activo, desde) for pk, version, activo, desde in filas}
