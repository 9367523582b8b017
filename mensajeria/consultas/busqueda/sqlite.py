"""En SQLite: FTS5 da lo que casa de lo más nuevo a lo más viejo, y se para al llegar a lo pedido.

Lo que el índice no sabe (una frase; la conversación, de quien está en muchas) se mira en cada uno,
por trozos y mientras da tiempo.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import OperationalError, connection

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.busqueda.donde import (
    Clausula,
    CursorMalo,
    Donde,
    Encontrado,
    Encontrados,
    Filtros,
    clausulas_de,
    frases_de,
)
from mensajeria.consultas.busqueda.plazo import (
    SEGUNDOS,
    SEGUNDOS_DE_UNA_VEZ,
    siguiente,
    tardo,
)
from mensajeria.indice_de_busqueda import LEJOS, POR_MILISEGUNDO

# Cuántos se miran primero; después, los que dé tiempo.
PRIMER_TROZO = 1_000
# De cuántos pasos de SQLite en cuántos se mira el reloj: cada vez pide el cerrojo de Python.
_PASOS = 100_000
_CERO = 2**63
_FTS = "mensajeria_hallable_fts"


class EnSqlite:
    def hallar(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        tras: str | None,
        cuantos: int,
    ) -> Encontrados:
        entre = _limites(filtros, tras)
        with _con_plazo():
            if donde.pocos:
                return _en_lo_propio(donde, terminos, filtros, entre, cuantos)
            candidatos = _candidatos(donde, terminos, filtros)
            condiciones = _condiciones(donde, terminos)
            if not condiciones.sql:
                return _directo(candidatos, entre, cuantos)
            return _por_trozos(donde, candidatos, condiciones, entre, cuantos)

    def incluida(self, posicion: str) -> str:
        return _posicion(_orden(posicion) + 1)


def _posicion(orden: int) -> str:
    return f"{orden + _CERO:020d}"


def _orden(posicion: str) -> int:
    if not (len(posicion) == 20 and posicion.isascii() and posicion.isdigit()):
        raise CursorMalo(posicion)
    return min(int(posicion) - _CERO, _CERO - 1)


def _de_fecha(fecha: datetime) -> int:
    milisegundos = round(fecha.timestamp() * 1000)
    return max(-LEJOS, min(LEJOS, milisegundos)) * POR_MILISEGUNDO


def _limites(filtros: Filtros, tras: str | None) -> tuple[int, int]:
    """El primer orden que vale y el primero que ya no."""
    piso = -_CERO if filtros.desde is None else _de_fecha(filtros.desde)
    tope = _CERO - 1 if filtros.hasta is None else _de_fecha(filtros.hasta)
    return piso, tope if tras is None else min(tope, _orden(tras))


class _Parte(NamedTuple):
    """Un trozo de SQL y sus valores."""

    sql: str
    valores: list[Any]


_DEL_INDICE = f"SELECT rowid AS orden FROM {_FTS} WHERE {_FTS} MATCH ? AND rowid >= ? AND rowid < ?"
_TODOS = "SELECT orden FROM mensajeria_hallable WHERE orden >= ? AND orden < ?"


def _candidatos(donde: Donde, terminos: Sequence[Termino], filtros: Filtros) -> _Parte:
    """Los órdenes que da el índice, de mayor a menor; detrás van los límites y cuántos."""
    clausulas = clausulas_de(terminos) + _de_filtros(filtros)
    if donde.pocas:
        clausulas.append([("@c" + _hex(c), False) for c in donde.conversaciones or ()])
    final = " ORDER BY 1 DESC LIMIT ?"
    if not clausulas:
        return _Parte(_TODOS + final, [])
    return _Parte(_DEL_INDICE + final, [" AND ".join(map(_en_fts, clausulas))])


def _de_filtros(filtros: Filtros) -> list[Clausula]:
    exactos = [
        None if filtros.de is None else "@r" + _hex(filtros.de),
        None if filtros.tipo is None else "@t" + filtros.tipo,
        "@a" if filtros.con_archivo else None,
    ]
    return [[(termino, False)] for termino in exactos if termino is not None]


def _hex(texto: str) -> str:
    return texto.encode().hex()


def _en_fts(clausula: Clausula) -> str:
    partes = (f'"{termino}"{" *" if empieza else ""}' for termino, empieza in clausula)
    return f"({' OR '.join(partes)})"


def _condiciones(donde: Donde, terminos: Sequence[Termino]) -> _Parte:
    """Lo que hay que mirar en cada candidato."""
    frases = frases_de(terminos)
    sql = ["instr(m.buscable, ?) > 0"] * len(frases)
    valores: list[Any] = [*frases]
    if donde.hay_que_mirarlas:
        sql.append("h.conversacion IN (SELECT value FROM json_each(?))")
        valores.append(json.dumps(list(donde.conversaciones or ())))
    return _Parte(" AND ".join(sql), valores)


def _directo(candidatos: _Parte, entre: tuple[int, int], cuantos: int) -> Encontrados:
    filas = _filas(
        f"SELECT h.orden, h.mensaje FROM ({candidatos.sql}) c"
        " CROSS JOIN mensajeria_hallable h ON h.orden = c.orden ORDER BY h.orden DESC",
        [*candidatos.valores, *entre, cuantos + 1],
    )
    return _encontrados(filas, cuantos, None)


def _por_trozos(
    donde: Donde,
    candidatos: _Parte,
    condiciones: _Parte,
    entre: tuple[int, int],
    cuantos: int,
) -> Encontrados:
    """Mira cada vez más de una vez: lo corriente aparece enseguida, y lo raro son pocos."""
    con_texto = "CROSS JOIN mensajeria_mensaje m ON m._id = h.mensaje"
    sql = (
        f"SELECT h.orden, h.mensaje FROM ({candidatos.sql}) c"
        " CROSS JOIN mensajeria_hallable h ON h.orden = c.orden"
        f" {con_texto if 'm.' in condiciones.sql else ''}"
        f" WHERE {condiciones.sql} ORDER BY h.orden DESC LIMIT ?"
    )
    (piso, tope), trozo = entre, PRIMER_TROZO
    filas: list[Any] = []
    ahora = time.monotonic()
    limite = ahora + SEGUNDOS_DE_UNA_VEZ
    while True:
        limites, antes = [*candidatos.valores, piso, tope, trozo], ahora
        [(suelo, son)] = _filas(f"SELECT min(orden), count(*) FROM ({candidatos.sql})", limites)
        filas += _filas(sql, [*limites, *condiciones.valores, cuantos + 1 - len(filas)])
        ahora = time.monotonic()
        if len(filas) > cuantos or son < trozo:
            return _encontrados(filas, cuantos, None)
        if ahora > limite:
            return _encontrados(filas, cuantos, _tras_lo_propio(donde, suelo))
        tope, trozo = suelo, siguiente(trozo, ahora - antes, limite - ahora)


def _tras_lo_propio(donde: Donde, suelo: int) -> str | None:
    """Por dónde seguir tras mirar hasta `suelo`: su primer mensaje de antes. El de `suelo` puede
    ser de otros, y de él no se dice ni cuándo fue.
    """
    if donde.conversaciones is None:
        return _posicion(suelo)
    [(orden,)] = _filas(
        "SELECT max(orden) FROM mensajeria_hallable WHERE orden < ?"
        " AND conversacion IN (SELECT value FROM json_each(?))",
        [suelo, json.dumps(list(donde.conversaciones))],
    )
    return None if orden is None else _posicion(orden + 1)


def _en_lo_propio(
    donde: Donde,
    terminos: Sequence[Termino],
    filtros: Filtros,
    entre: tuple[int, int],
    cuantos: int,
) -> Encontrados:
    """Sin el índice: de quien tiene poco."""
    sql = ["m.conversacion_id IN (SELECT value FROM json_each(?))"]
    valores: list[Any] = [json.dumps(list(donde.conversaciones or ()))]
    for termino in terminos:
        textos = termino.textos()
        sql.append(f"({' OR '.join(['instr(m.buscable, ?) > 0'] * len(textos))})")
        valores += textos
    for columna, valor in (("remitente_id", filtros.de), ("tipo", filtros.tipo)):
        if valor is not None:
            sql.append(f"m.{columna} = ?")
            valores.append(valor)
    if filtros.con_archivo:
        sql.append("m.archivo IS NOT NULL")
    filas = _filas(
        "SELECT h.orden, h.mensaje FROM mensajeria_mensaje m"
        " CROSS JOIN mensajeria_hallable h ON h.mensaje = m._id"
        f" WHERE {' AND '.join(sql)} AND h.orden >= ? AND h.orden < ?"
        " ORDER BY h.orden DESC LIMIT ?",
        [*valores, *entre, cuantos + 1],
    )
    return _encontrados(filas, cuantos, None)


def _encontrados(filas: Sequence[Any], cuantos: int, sigue: str | None) -> Encontrados:
    encontrados = [Encontrado(id_, _posicion(orden)) for orden, id_ in filas[:cuantos]]
    return Encontrados(encontrados, encontrados[-1].posicion if len(filas) > cuantos else sigue)


def _filas(sql: str, valores: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("?", "%s"), list(valores))
        filas: list[Any] = cursor.fetchall()
        return filas


@contextlib.contextmanager
def _con_plazo() -> Iterator[None]:
    connection.ensure_connection()
    conexion: Any = connection.connection
    limite = time.monotonic() + SEGUNDOS
    conexion.set_progress_handler(lambda: time.monotonic() > limite, _PASOS)
    try:
        yield
    except OperationalError:
        if time.monotonic() > limite:
            raise tardo() from None
        raise
    finally:
        conexion.set_progress_handler(None, 0)
