"""Consultas del ORM que se escriben una vez, se compilan una vez y se repiten con otros valores.

Compilar es lo que más cuesta de leer unas pocas filas: más que la base, y más que presentarlas.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.models import CharField, Expression, ForeignKey, Lookup, QuerySet
from django.db.models.lookups import In
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from mensajeria.consultas.coste import leidas

Filas = QuerySet[Any, Any]
T = TypeVar("T")


class _Marca(Expression):
    """El hueco del valor número `n`."""

    def __init__(self, n: int) -> None:
        super().__init__(output_field=CharField())
        self.n = n

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@CharField.register_lookup
@ForeignKey.register_lookup
class DeLaLista(Lookup):
    """`campo__de_la_lista`: como `in`, con la lista entera en un solo hueco."""

    lookup_name = "de_la_lista"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._con(compiler, connection, "%s = ANY(%s)")

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._con(compiler, connection, "%s IN (SELECT value FROM json_each(%s))")

    def _con(self, compiler: Any, connection: Any, sql: str) -> tuple[str, tuple[Any, ...]]:
        izquierda, antes = self.process_lhs(compiler, connection)
        derecha, valores = self.process_rhs(compiler, connection)
        return sql % (izquierda, derecha), (*antes, *valores)

    def as_mql(self, compiler: Any, connection: Any, as_expr: bool = False) -> Any:
        esta: Any = In(self.lhs, self.rhs)
        return esta.as_mql(compiler, connection, as_expr=as_expr)


class Preparada:
    """`construir(*valores)` da un `values_list`; llamarla da sus filas, como tuplas.

    Los valores van a la base tal cual (textos, enteros, lógicos, fechas, listas de textos): no
    pueden cambiar la consulta, que es siempre la misma. En MongoDB no hay qué compilar.
    """

    def __init__(self, construir: Callable[..., Filas], cuantos: int) -> None:
        self._construir = construir
        self._cuantos = cuantos
        self._compiladas: dict[tuple[str, int | None], _Compilada] = {}

    def __call__(self, *valores: Any, limite: int | None = None) -> list[tuple[Any, ...]]:
        """Las filas con esos valores; `limite`, cuántas como mucho."""
        filas = self._leer(valores, limite)
        leidas(filas=len(filas))
        return filas

    def _leer(self, valores: Sequence[Any], limite: int | None) -> list[tuple[Any, ...]]:
        if connection.vendor == "mongodb":
            return list(self._construir(*valores)[:limite])
        clave = connection.vendor, limite
        compilada = self._compiladas.get(clave)
        if compilada is None:
            marcas = [_Marca(n) for n in range(self._cuantos)]
            compilada = self._compiladas[clave] = _Compilada(self._construir(*marcas)[:limite])
        return compilada.filas(valores)


class _Compilada:
    """El SQL de una consulta con huecos, y cómo se lee cada columna de las que salen."""

    def __init__(self, consulta: Filas) -> None:
        compilador = consulta.query.get_compiler(connection=connection)
        self._sql, self._huecos = compilador.as_sql()
        columnas = [expresion for expresion, *_ in compilador.select]
        self._lectores = [
            (i, lectores, expresion)
            for i, (lectores, expresion) in compilador.get_converters(columnas).items()
        ]

    def filas(self, valores: Sequence[Any]) -> list[tuple[Any, ...]]:
        puestos = [_de_base(valores[h.n]) if isinstance(h, _Marca) else h for h in self._huecos]
        with _cursor() as cursor:
            cursor.execute(self._sql, puestos)
            filas: list[tuple[Any, ...]] = cursor.fetchall()
        return self._leidas(filas) if self._lectores else filas

    def _leidas(self, filas: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        abiertas = [list(fila) for fila in filas]
        for i, lectores, expresion in self._lectores:
            for fila in abiertas:
                for leer in lectores:
                    fila[i] = leer(fila[i], expresion, connection)
        return [tuple(fila) for fila in abiertas]


def en_potencia(tramos: list[T], vacio: T) -> list[T]:
    """Esos y los vacíos que falten para una potencia de dos: hay pocas consultas que compilar."""
    cuantos = 1 << (len(tramos) - 1).bit_length()
    return tramos + [vacio] * (cuantos - len(tramos))


def _cursor() -> Any:
    """El de Django; en PostgreSQL, uno que recibe en binario: una fecha cuesta diez veces menos.

    Los textos y números llegan igual, y las fechas en UTC, que es como las pide Django.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    conexion: Any = connection
    conexion.ensure_connection()
    crudo = psycopg.Cursor(conexion.connection)
    crudo.format = psycopg.pq.Format.BINARY
    crudo.adapters.register_loader("jsonb", _JsonbComoTexto)
    return conexion._prepare_cursor(crudo)


class _JsonbComoTexto(Loader):
    """Como lo entrega Django: ya lo convierte el campo. En binario lleva delante su versión."""

    format = psycopg.pq.Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data)[1:].decode()


def _de_base(valor: Any) -> Any:
    if isinstance(valor, datetime):
        return connection.ops.adapt_datetimefield_value(valor)
    if isinstance(valor, list) and connection.vendor == "sqlite":
        return json.dumps(valor)
    return valor
