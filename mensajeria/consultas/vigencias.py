"""Quién es un usuario, y si sus credenciales siguen valiendo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Usuario

_CAMPOS = [campo.attname for campo in Usuario._meta.concrete_fields]
_USUARIO = Preparada(lambda pk: Usuario.objects.filter(pk=pk).values_list(*_CAMPOS), 1)


def usuario_por_id(id_: str) -> Usuario | None:
    """El usuario de ese identificador, si existe."""
    return next((Usuario.from_db(None, _CAMPOS, fila) for fila in _USUARIO(id_)), None)


class Vigencia(NamedTuple):
    """Lo que decide si las credenciales de un usuario valen; sus campos son los de `Usuario`."""

    version: int
    activo: bool
    tokens_desde: datetime | None
    abiertos: Mapping[str, int]


_VIGENCIAS = Preparada(
    lambda ids: Usuario.objects.filter(pk__de_la_lista=ids).values_list(
        "pk", "version", "is_active", "tokens_desde", "abiertos"
    ),
    1,
)


def usuarios_vigentes(ids: Iterable[str]) -> dict[str, Vigencia]:
    """De los que existen, lo que decide si sus credenciales valen."""
    return {pk: Vigencia(*resto) for pk, *resto in _VIGENCIAS(list(ids))}
