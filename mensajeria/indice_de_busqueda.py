"""El índice por el que se buscan mensajes, en las bases que llevan uno: lo mantiene la propia base,
en la transacción que escribe, la escriba quien la escriba.

En PostgreSQL es un GIN de `buscable` y de los términos por los que se filtra. En SQLite, FTS5 sin
contenido: los disparadores apuntan cada mensaje en `mensajeria_hallable`, cuyo `orden` crece con
la fecha, y FTS5 da lo hallado por él, empezando por donde se quiera.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import connection

# En un mismo milisegundo caben estos mensajes en su sitio; los que no, quedan como los más nuevos.
POR_MILISEGUNDO: Final = 65_536
# Los segundos que abarca cada escalón de fechas, en potencias de dos: una hora, 18, 12 días, 194.
ESCALONES: Final = (12, 16, 20, 24)
# De lo recién escrito, los kilobytes que PostgreSQL deja sin ordenar: quien busca los recorre, y a
# quien los llena le toca ordenarlos.
_KILOBYTES_SIN_ORDENAR = 256
# De antes de Cristo y de dentro de mucho no hay orden que valga.
LEJOS: Final = 140_000_000_000_000


def asegurar(conexion: Any) -> None:
    """Crea lo que falte; con todo en su sitio no hace nada. Fuera de una transacción."""
    if conexion.vendor == "sqlite":
        _asegurar_sqlite(conexion)
    elif conexion.vendor == "postgresql":
        _asegurar_postgresql(conexion)


def quitar(conexion: Any) -> None:
    """Deshace `asegurar`."""
    sentencias = {"sqlite": _QUITAR_DE_SQLITE, "postgresql": _QUITAR_DE_POSTGRESQL}
    with conexion.cursor() as cursor:
        for sentencia in sentencias.get(conexion.vendor, ()):
            cursor.execute(sentencia)


def al_migrar(apps: Any, **_: Any) -> None:
    """Tras `migrate`; a medio migrar, todavía no."""
    with contextlib.suppress(LookupError, FieldDoesNotExist):
        apps.get_model("mensajeria", "Mensaje")._meta.get_field("buscable")
        asegurar(connection)


# PostgreSQL


def terminos(alias: str = "") -> str:
    """La expresión indexada, con las columnas de ese alias."""
    columnas = ["buscable", "conversacion_id", "remitente_id", "tipo", "archivo", "fecha_envio"]
    de = [f"{alias}{'.' if alias else ''}{c}" for c in columnas]
    de[4] += " IS NOT NULL"
    return f"mensajeria_terminos({', '.join(de)})"


_EPOCA = "floor(extract(epoch FROM fecha AT TIME ZONE 'UTC'))::bigint"
_ESCALONES = ", ".join(f"'@{n}.' || ({_EPOCA} >> {n})" for n in ESCALONES)
# Sin el analizador de PostgreSQL, que de «1e5» o «a.b» haría otra cosa: las palabras ya lo son. En
# plpgsql, que la piensa una vez por conexión: en sql se pensaba otra vez con cada mensaje, y eran
# 130 de los 235 µs que costaba insertarlo.
_CUERPO = f"""
BEGIN
  RETURN array_to_tsvector(
    array_remove(string_to_array(translate(buscable, '|', ''), ' '), '') || ARRAY[
      '@c' || conversacion, '@r' || coalesce(remitente, ''), '@t' || tipo,
      CASE WHEN archivo THEN '@a' ELSE '@t' || tipo END, {_ESCALONES}]);
END"""
_FUNCION = f"""
CREATE OR REPLACE FUNCTION mensajeria_terminos(
  buscable text, conversacion text, remitente text, tipo text, archivo boolean, fecha timestamptz
) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $${_CUERPO}$$"""
INDICE: Final = "mensajeria_hallable"
_GIN = f"""
CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDICE} ON mensajeria_mensaje
USING gin ({terminos()}) WITH (gin_pending_list_limit = {_KILOBYTES_SIN_ORDENAR})
WHERE buscable <> ''"""
# Uno que se quedó a medias no sirve, y estorba.
_A_MEDIAS = (
    "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    f" WHERE c.relname = '{INDICE}' AND NOT i.indisvalid"
    " AND c.relnamespace = current_schema()::regnamespace"
)

_LA_QUE_HAY = (
    "SELECT prosrc FROM pg_proc WHERE proname = 'mensajeria_terminos'"
    " AND pronamespace = current_schema()::regnamespace"
)
_QUITAR_DE_POSTGRESQL = (
    f"DROP INDEX CONCURRENTLY IF EXISTS {INDICE}",
    "DROP FUNCTION IF EXISTS mensajeria_terminos",
)


def _asegurar_postgresql(conexion: Any) -> None:
    with conexion.cursor() as cursor:
        cursor.execute(_LA_QUE_HAY)
        # La misma expresión dicha de otro modo: el índice que ya hay sigue valiendo.
        if cursor.fetchone() != (_CUERPO,):
            cursor.execute(_FUNCION)
        cursor.execute("SELECT to_regclass(%s)", [INDICE])
        hay = cursor.fetchone()[0]
        cursor.execute(_A_MEDIAS)
        if hay and not cursor.fetchone():
            return
        # Con un millón de mensajes tarda más que cualquier petición.
        cursor.execute("SELECT current_setting('statement_timeout')")
        [plazo] = cursor.fetchone()
        cursor.execute("SET statement_timeout = 0")
        try:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDICE}")
            cursor.execute(_GIN)
        finally:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [plazo])


# SQLite


def _doc(fila: str) -> str:
    """Lo indexado de esa fila: se borra diciendo lo mismo que se dijo al ponerlo."""
    return (
        f"{fila}.buscable || '@c' || hex({fila}.conversacion_id)"
        f" || ' @r' || hex(coalesce({fila}.remitente_id, '')) || ' @t' || {fila}.tipo"
        f" || CASE WHEN {fila}.archivo IS NULL THEN '' ELSE ' @a' END"
    )


def _base(fila: str) -> str:
    """El primer orden del milisegundo de esa fila."""
    milisegundos = (
        f"CAST(round((julianday({fila}.fecha_envio) - 2440587.5) * 86400000.0) AS INTEGER)"
    )
    return f"max(-{LEJOS}, min({LEJOS}, {milisegundos})) * {POR_MILISEGUNDO}"


_FTS = "mensajeria_hallable_fts"
_TABLAS = (
    "CREATE TABLE mensajeria_hallable (orden INTEGER PRIMARY KEY,"
    " mensaje TEXT NOT NULL UNIQUE, conversacion TEXT NOT NULL)",
    f"CREATE VIRTUAL TABLE {_FTS} USING fts5(doc, content='', columnsize=0,"
    " detail=none, tokenize=\"ascii tokenchars '@'\")",
)
_PONER = f"""
  INSERT INTO mensajeria_hallable (orden, mensaje, conversacion)
  SELECT CASE WHEN coalesce(sigue, base) < base + {POR_MILISEGUNDO} THEN coalesce(sigue, base)
    ELSE (SELECT max(orden) + 1 FROM mensajeria_hallable) END, new._id, new.conversacion_id
  FROM (SELECT base, (SELECT max(orden) + 1 FROM mensajeria_hallable
      WHERE orden >= base AND orden < base + {POR_MILISEGUNDO}) AS sigue
    FROM (SELECT {_base("new")} AS base))
  WHERE new.buscable <> '';
  INSERT INTO {_FTS} (rowid, doc) SELECT orden, {_doc("new")}
  FROM mensajeria_hallable WHERE mensaje = new._id;"""
_QUITAR = f"""
  INSERT INTO {_FTS} ({_FTS}, rowid, doc) SELECT 'delete', orden, {_doc("old")}
  FROM mensajeria_hallable WHERE mensaje = old._id;
  DELETE FROM mensajeria_hallable WHERE mensaje = old._id;"""
_REDECIR = f"""
  INSERT INTO {_FTS} ({_FTS}, rowid, doc) SELECT 'delete', orden, {_doc("old")}
  FROM mensajeria_hallable WHERE mensaje = old._id;
  INSERT INTO {_FTS} (rowid, doc) SELECT orden, {_doc("new")}
  FROM mensajeria_hallable WHERE mensaje = new._id;"""
_CAMBIA = f"{_doc('old')} IS NOT {_doc('new')} OR old.fecha_envio IS NOT new.fecha_envio"
# Editarlo no lo mueve entre los de su milisegundo.
_EN_SU_SITIO = (
    "old.fecha_envio IS new.fecha_envio AND old.conversacion_id IS new.conversacion_id"
    " AND coalesce(old.buscable, '') <> '' AND coalesce(new.buscable, '') <> ''"
)
_DE = "buscable, conversacion_id, remitente_id, tipo, archivo, fecha_envio"
_DISPARADORES = {
    "mensajeria_hallable_nuevo": f"AFTER INSERT ON mensajeria_mensaje BEGIN {_PONER} END",
    "mensajeria_hallable_borrado": f"AFTER DELETE ON mensajeria_mensaje BEGIN {_QUITAR} END",
    "mensajeria_hallable_redicho": (
        f"AFTER UPDATE OF {_DE} ON mensajeria_mensaje WHEN ({_CAMBIA}) AND {_EN_SU_SITIO}"
        f" BEGIN {_REDECIR} END"
    ),
    "mensajeria_hallable_cambiado": (
        f"AFTER UPDATE OF {_DE} ON mensajeria_mensaje WHEN ({_CAMBIA}) AND NOT ({_EN_SU_SITIO})"
        f" BEGIN {_QUITAR}{_PONER} END"
    ),
}
# Lo que ya hay, de una vez y en su orden: fila a fila tardaría diez veces más.
_LLENAR = (
    f"""
INSERT INTO mensajeria_hallable (orden, mensaje, conversacion)
SELECT base + row_number() OVER (PARTITION BY base ORDER BY _id) - 1, _id, conversacion_id
FROM (SELECT {_base("m")} AS base, _id, conversacion_id FROM mensajeria_mensaje m
  WHERE buscable <> '') ORDER BY 1""",
    f"""
INSERT INTO {_FTS} (rowid, doc) SELECT h.orden, {_doc("m")} FROM mensajeria_hallable h
CROSS JOIN mensajeria_mensaje m ON m._id = h.mensaje ORDER BY h.orden""",
)


_QUITAR_DE_SQLITE = (
    *(f"DROP TRIGGER IF EXISTS {nombre}" for nombre in _DISPARADORES),
    "DROP TABLE IF EXISTS mensajeria_hallable",
    f"DROP TABLE IF EXISTS {_FTS}",
)
_REHACER = (
    *_QUITAR_DE_SQLITE,
    *_TABLAS,
    *_LLENAR,
    *(f"CREATE TRIGGER {nombre} {cuando}" for nombre, cuando in _DISPARADORES.items()),
)


def _asegurar_sqlite(conexion: Any) -> None:
    """Si falta un disparador (Django rehace una tabla sin los suyos), lo indexado ya no vale."""
    with conexion.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN"
            f" ({', '.join('%s' for _ in _DISPARADORES)})",
            list(_DISPARADORES),
        )
        if cursor.fetchone()[0] == len(_DISPARADORES):
            return
        cursor.execute("BEGIN IMMEDIATE")
        try:
            for sentencia in _REHACER:
                cursor.execute(sentencia)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
