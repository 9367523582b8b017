"""De lo que un mensaje decía antes, las últimas versiones y cuántas hay, sin traer las demás.

El historial de un mensaje puede ocupar medio megabyte, y una página son cien mensajes.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField, JSONField, QuerySet

from mensajeria.models import Mensaje
from mensajeria.protocolo.tipos import MAX_VERSIONES

# Las últimas, y otra vez en su orden: `json_each` da la posición de cada una como `key`.
_ULTIMAS_SQLITE = (
    "(SELECT json_group_array(json(v)) FROM (SELECT v FROM (SELECT value AS v, key AS k"
    f" FROM json_each(%(expressions)s) ORDER BY key DESC LIMIT {MAX_VERSIONES}) ORDER BY k))"
)


class UltimasVersiones(Func):
    """`MAX_VERSIONES` como mucho, lo más antiguo primero."""

    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **mas: Any) -> Any:
        ultimas = f"'$[last - {MAX_VERSIONES - 1} to last]'"
        return self.as_sql(
            compiler,
            connection,
            template=f"jsonb_path_query_array(%(expressions)s, {ultimas})",
            **mas,
        )

    def as_sqlite(self, compiler: Any, connection: Any, **mas: Any) -> Any:
        return self.as_sql(compiler, connection, template=_ULTIMAS_SQLITE, **mas)

    def as_mql(self, compiler: Any, connection: Any, as_expr: bool = False) -> Any:
        return {"$slice": [_en_mql(self, compiler, connection), -MAX_VERSIONES]}


class CuantasVersiones(Func):
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **mas: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length", **mas)

    def as_sqlite(self, compiler: Any, connection: Any, **mas: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_array_length", **mas)

    def as_mql(self, compiler: Any, connection: Any, as_expr: bool = False) -> Any:
        return {"$size": _en_mql(self, compiler, connection)}


def _en_mql(funcion: Func, compiler: Any, connection: Any) -> Any:
    campo: Any = funcion.source_expressions[0]
    return campo.as_mql(compiler, connection, as_expr=True)


def sin_lo_antiguo(filas: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
    """Esos mensajes sin su `historial`: las últimas versiones en `ultimas`, y `cuantas` hay."""
    return filas.defer("historial", "respuesta_a__historial").annotate(
        ultimas=UltimasVersiones("historial"), cuantas=CuantasVersiones("historial")
    )
