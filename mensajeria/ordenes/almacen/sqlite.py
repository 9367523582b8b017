"""SQLite: las mismas lecturas que PostgreSQL, y las escrituras de fila en fila, sin viajes."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection

from mensajeria.base_de_datos import turno_de_escritura
from mensajeria.filas import Fila
from mensajeria.models.campos import CampoJSON
from mensajeria.ordenes.almacen import sql, sueltas, tablas
from mensajeria.ordenes.almacen.leido import AlConfirmar, Leido, Nombrado, Subida
from mensajeria.ordenes.almacen.tablas import Tabla
from mensajeria.ordenes.por_guardar import PorGuardar
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar


class _DeSqlite:
    bloquea = ""
    # Aquí un WITH no escribe: los que suben se guardan después.
    sube = ""
    entre = "IN (", ")"

    def lista(self, n: int) -> str:
        return f"SELECT value FROM json_each(?{n})"

    def pares(self, n: int) -> str:
        par = "json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b"
        return f"(SELECT {par} FROM json_each(?{n}))"

    def por_cada(self, tabla: str, condicion: str, *, quiza: bool = False) -> str:
        # Con CROSS, en el orden en que se dicen.
        une = "LEFT" if quiza else "CROSS"
        return f"{une} JOIN mensajeria_{tabla} ON {condicion}"

    def lectura(self, columnas: Sequence[str], cuelga: Sequence[str], resto: str) -> str:
        return f"SELECT {', '.join([*columnas, *cuelga])} {resto}"

    def fecha(self, columna: str) -> str:
        return f"{columna} || 'Z'"


DIALECTO = _DeSqlite()
_SUBIR = (
    "UPDATE mensajeria_participante SET entregado_por_todos = ?1, leido_por_todos = ?2"
    " WHERE _id = ?3"
)


class _Transaccion:
    def __init__(self) -> None:
        # Sin el envoltorio de Django, que reescribe cada sentencia.
        self._cursor = connection.connection.cursor()

    def leer(self, nombrado: Nombrado) -> Leido:
        partes: dict[str, list[Any]] = {}
        for lee in sql.lecturas(DIALECTO, nombrado):
            filas = _con_lo_que_cuelga(lee, self.pedir(lee.sql, lee.parametros).fetchall())
            # Los booleanos vienen como 0 y 1, y las fechas como texto.
            hechas = msgspec.convert(filas, list[lee.clase], strict=False)  # type: ignore[name-defined]
            partes.setdefault(lee.parte, []).extend(hechas)
        return Leido(**partes)

    def confirmar(self, pendiente: PorGuardar, al_confirmar: AlConfirmar) -> None:
        for clase in tablas.en_orden(pendiente.clases()):
            self._escribir(clase, pendiente)
        filas: list[Any] = []
        for texto, parametros in sueltas.sueltas(DIALECTO, pendiente):
            filas = self.pedir(texto, parametros).fetchall()
        subidas = [Subida(*fila) for fila in filas]
        if subidas:
            self._muchas(_SUBIR, [(s.entregado, s.leido, s.id) for s in subidas])
        pasar(Punto.TRAS_INSERTAR)
        self.pedir("COMMIT")
        al_confirmar(subidas)

    def _escribir(self, clase: type, pendiente: PorGuardar) -> None:
        if borradas := pendiente.borradas.get(clase):
            self.pedir(*sueltas.borrar(DIALECTO, clase, borradas))
        if cambiadas := pendiente.cambiadas.get(clase):
            for campos, suyas in cambiadas.por_campos():
                filas = _filas(tablas.cambiando(clase, campos), suyas)
                self._muchas(_actualizar(clase, campos), filas)
        if nuevas := pendiente.nuevas.get(clase):
            self._muchas(_insertar(clase), _filas(tablas.entera(clase), nuevas.values()))

    def pedir(self, texto: str, parametros: Sequence[Any] = ()) -> Any:
        _apuntar(texto)
        return self._cursor.execute(texto, [p.decode() for p in parametros])

    def _muchas(self, texto: str, filas: Sequence[Sequence[Any]]) -> None:
        _apuntar(texto)
        self._cursor.executemany(texto, filas)


@contextlib.contextmanager
def abrir() -> Iterator[_Transaccion]:
    """Una transacción en la conexión de este hilo, con el turno de escritura de este proceso."""
    connection.ensure_connection()
    with turno_de_escritura, connection.wrap_database_errors:
        transaccion = _Transaccion()
        transaccion.pedir("BEGIN IMMEDIATE")
        try:
            yield transaccion
        finally:
            if connection.connection.in_transaction:
                transaccion.pedir("ROLLBACK")


def _apuntar(texto: str) -> None:
    if connection.queries_logged:
        connection.queries_log.append({"sql": texto, "time": "0"})


def _con_lo_que_cuelga(lee: sql.Consulta, filas: list[Any]) -> list[Any]:
    """Lo de la fila que cuelga, al final, en un sitio solo; sin clave, no hay ninguna."""
    n = lee.propias
    if n is None:
        return filas
    return [[*f[:n], None if f[n] is None else f[n:]] for f in filas]


def _filas(tabla: Tabla, filas: Iterable[Any]) -> list[list[Any]]:
    por_preparar = _preparaciones(tabla)
    hechas = [list(tabla.valores(fila)) for fila in filas]
    for i, preparar in por_preparar:
        for valores in hechas:
            if valores[i] is not None:
                valores[i] = preparar(valores[i])
    return hechas


@functools.cache
def _preparaciones(tabla: Tabla) -> list[tuple[int, Callable[[Any], Any]]]:
    return [(i, p) for i, c in enumerate(tabla.campos) if (p := _preparacion(c))]


def _preparacion(campo: Any) -> Callable[[Any], Any] | None:
    if isinstance(campo, CampoJSON) or campo.get_internal_type() == "JSONField":
        return tablas.como_texto
    return _fecha if campo.get_internal_type() == "DateTimeField" else None


def _fecha(valor: datetime) -> str:
    """Como la guarda Django: en UTC y sin zona."""
    return str(valor.astimezone(UTC))[:-6]


@functools.cache
def _insertar(clase: type) -> str:
    tabla = tablas.entera(clase)
    columnas = ", ".join(f'"{c}"' for c in tabla.columnas)
    return (
        f'INSERT INTO "{tabla.nombre}" ({columnas}) VALUES ({", ".join("?" * len(tabla.columnas))})'
    )


@functools.cache
def _actualizar(clase: type[Fila], campos: frozenset[str]) -> str:
    tabla = tablas.cambiando(clase, campos)
    cambios = ", ".join(f'"{c}" = ?{i}' for i, c in enumerate(tabla.columnas[1:], start=2))
    return f'UPDATE "{tabla.nombre}" SET {cambios} WHERE "{tabla.columnas[0]}" = ?1'
