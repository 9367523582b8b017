"""En PostgreSQL: el GIN, por tramos de fechas cada vez mayores, de lo más nuevo a lo más viejo.

De un GIN no sale nada ordenado: una palabra corriente pediría leer y ordenar todos sus mensajes. El
tramo es un término más de la consulta, así que el índice no da nada de fuera de él.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from django.db import OperationalError, connection

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.busqueda.donde import (
    EN_TODAS,
    Clausula,
    Donde,
    Encontrado,
    Encontrados,
    Filtros,
    clausulas_de,
    frases_de,
)
from mensajeria.consultas.busqueda.llano import leer_posicion, posicion
from mensajeria.consultas.busqueda.plazo import (
    SEGUNDOS,
    SEGUNDOS_DE_UNA_VEZ,
    siguiente,
    tardo,
)
from mensajeria.indice_de_busqueda import ESCALONES, INDICE
from mensajeria.indice_de_busqueda import terminos as indexados

# El primer tramo es el que, según las estadísticas, traería estas veces lo pedido o, si es más
# largo, lo que se lee de una vez sin notarlo.
HOLGURA = 3
DE_UNA_VEZ = 400
_CANCELADA = "57014"
# Un GIN solo se recorre por mapa de bits. Lo demás que elegiría, con un LIMIT, es ir por fechas
# mirando mensaje a mensaje, que con una palabra rara son todos los que hay.
_AJUSTES = {
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "jit": "off",
    "work_mem": "32MB",
    "statement_timeout": f"{SEGUNDOS * 1000:.0f}",
}

Bloques = list[tuple[int, int]]


class EnPostgresql:
    def hallar(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        tras: str | None,
        cuantos: int,
    ) -> Encontrados:
        antes = None if tras is None else leer_posicion(tras)
        busqueda = _Busqueda(donde, terminos, filtros, antes)
        if donde.pocos:
            with _ajustada():
                return _encontrados(busqueda.en_lo_propio(cuantos + 1), cuantos, None)
        todos, alcance = _alcance(filtros, antes)
        if alcance is None:
            return Encontrados([], None)
        frecuencia = busqueda.frecuencia()
        propios = (todos if donde is EN_TODAS else donde.mensajes) * frecuencia + 1
        leidos = propios if donde.pocas else max(propios, todos * frecuencia)
        parte = min(1.0, max(HOLGURA * cuantos / propios, DE_UNA_VEZ / leidos))
        with _ajustada():
            dura = int((alcance[1] - alcance[0]) * parte)
            return _por_tramos(busqueda, alcance, dura, cuantos)

    def incluida(self, posicion: str) -> str:
        return posicion + "~"


def _alcance(
    filtros: Filtros, antes: tuple[datetime, str] | None
) -> tuple[float, tuple[int, int] | None]:
    """Cuántos mensajes hay, más o menos, y del primer segundo al último en que puede haber uno."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(fecha_envio), max(fecha_envio), (SELECT reltuples FROM pg_class"
            " WHERE oid = 'mensajeria_mensaje'::regclass) FROM mensajeria_mensaje"
        )
        primera, ultima, todos = cursor.fetchone()
    if todos < 0:
        # Aún no se analizó: se empieza por poco.
        todos = inf
    if primera is None:
        return 0, None
    desde = max(primera, filtros.desde or primera)
    hasta = min(f for f in (ultima, filtros.hasta, antes and antes[0]) if f is not None)
    if desde > hasta:
        return todos, None
    return todos, (int(desde.timestamp() // 1), int(hasta.timestamp() // 1))


def bloques_entre(principio: int, fin: int) -> Iterator[tuple[int, int]]:
    """Los mayores que caben entre esos dos del primer escalón, del último al primero."""
    while fin > principio:
        for escalon in reversed(ESCALONES):
            son = 1 << (escalon - ESCALONES[0])
            if son == 1 or (fin % son == 0 and fin - son >= principio):
                break
        yield escalon, fin // son - 1
        fin -= son


def _por_tramos(
    busqueda: _Busqueda, alcance: tuple[int, int], primero: int, cuantos: int
) -> Encontrados:
    """El primero dura `primero` segundos o poco más; los otros, lo que dé tiempo."""
    uno = 1 << ESCALONES[0]
    principio, fin, dura = alcance[0] // uno, alcance[1] // uno + 1, primero // uno + 2
    filas: list[Any] = []
    ahora = time.monotonic()
    limite = ahora + SEGUNDOS_DE_UNA_VEZ
    while fin > principio and len(filas) <= cuantos:
        corte, antes = max(principio, fin - dura), ahora
        filas += busqueda.en_bloques(list(bloques_entre(corte, fin)), cuantos + 1 - len(filas))
        fin, ahora = corte, time.monotonic()
        if ahora > limite and fin > principio:
            hasta_aqui = datetime.fromtimestamp(fin * uno, UTC)
            return _encontrados(filas, cuantos, posicion(hasta_aqui, ""))
        dura = siguiente(dura, ahora - antes, limite - ahora)
    return _encontrados(filas, cuantos, None)


def _encontrados(filas: Sequence[Any], cuantos: int, sigue: str | None) -> Encontrados:
    encontrados = [Encontrado(id_, posicion(fecha, id_)) for id_, fecha in filas[:cuantos]]
    return Encontrados(encontrados, encontrados[-1].posicion if len(filas) > cuantos else sigue)


class _Busqueda:
    """El SQL de una búsqueda: lo que no cambia de un tramo a otro."""

    def __init__(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        antes: tuple[datetime, str] | None,
    ) -> None:
        self._terminos = terminos
        # Las conversaciones van aparte: cuánto hay en ellas se sabe.
        self._de_palabras = clausulas_de(terminos) + _de_filtros(filtros)
        self._clausulas = list(self._de_palabras)
        self._sql: list[str] = ["m.buscable <> ''"]
        self._valores: list[Any] = []
        self._conversaciones = list(donde.conversaciones or ())
        if donde.pocas:
            self._clausulas.append([("@c" + c, False) for c in self._conversaciones])
        if antes is not None:
            self._y("(m.fecha_envio, m._id) < (%s, %s)", *antes)
        if filtros.desde is not None:
            self._y("m.fecha_envio >= %s", filtros.desde)
        if filtros.hasta is not None:
            self._y("m.fecha_envio < %s", filtros.hasta)
        self._filtros = filtros
        self._fuera_del_indice = [self._conversaciones] if donde.hay_que_mirarlas else []

    def _y(self, sql: str, *valores: Any) -> None:
        self._sql.append(sql)
        self._valores += valores

    def frecuencia(self) -> float:
        """En qué parte de los mensajes, como mucho y más o menos, está todo lo que se busca.

        Lo dicen las estadísticas del índice, que el planificador de PostgreSQL 15 no mira. Sin
        ellas (aún no se analizó) puede estar en todos; lo que en ellas no sale es más raro que el
        último que sale.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
                " WHERE schemaname = current_schema() AND tablename = %s"
                " AND most_common_elems IS NOT NULL",
                [INDICE],
            )
            fila = cursor.fetchone()
        if fila is None:
            return 1.0
        terminos, frecuencias = fila
        # Detrás de las de cada término van la menor y la mayor.
        conocidas = dict(zip(terminos, frecuencias, strict=False))
        menor = min(conocidas.values(), default=1.0)
        return min(
            (_de_clausula(clausula, conocidas, menor) for clausula in self._de_palabras),
            default=1.0,
        )

    def _tsquery(self, bloques: Bloques) -> str:
        de_fecha: Clausula = [(f"@{escalon}.{n}", False) for escalon, n in bloques]
        return " & ".join(map(_en_tsquery, [*self._clausulas, de_fecha]))

    def en_bloques(self, bloques: Bloques, cuantos: int) -> list[Any]:
        """Lo más nuevo de esos bloques de fechas, por el índice."""
        sql, valores = [f"{indexados('m')} @@ %s::tsquery"], [self._tsquery(bloques)]
        for frase in frases_de(self._terminos):
            sql.append("strpos(m.buscable, %s) > 0")
            valores.append(frase)
        return self._leer(sql, valores + self._fuera_del_indice, cuantos)

    def en_lo_propio(self, cuantos: int) -> list[Any]:
        """Sin el índice: de quien tiene poco."""
        sql, valores = [], []
        for termino in self._terminos:
            textos = termino.textos()
            sql.append(f"({' OR '.join(['strpos(m.buscable, %s) > 0'] * len(textos))})")
            valores += textos
        filtros = self._filtros
        for columna, valor in (("remitente_id", filtros.de), ("tipo", filtros.tipo)):
            if valor is not None:
                sql.append(f"m.{columna} = %s")
                valores.append(valor)
        if filtros.con_archivo:
            sql.append("m.archivo IS NOT NULL")
        return self._leer(sql, [*valores, self._conversaciones], cuantos)

    def _leer(self, sql: list[str], valores: list[Any], cuantos: int) -> list[Any]:
        if isinstance(valores[-1], list):
            sql = [*sql, "m.conversacion_id = ANY(%s)"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m._id, m.fecha_envio FROM mensajeria_mensaje m"
                f" WHERE {' AND '.join([*sql, *self._sql])}"
                " ORDER BY m.fecha_envio DESC, m._id DESC LIMIT %s",
                [*valores, *self._valores, cuantos],
            )
            filas: list[Any] = cursor.fetchall()
            return filas


def _de_clausula(clausula: Clausula, conocidas: dict[str, float], menor: float) -> float:
    suma = 0.0
    for termino, empieza in clausula:
        if empieza:
            suma += menor + sum(f for t, f in conocidas.items() if t.startswith(termino))
        else:
            suma += conocidas.get(termino, menor)
    return min(1.0, suma)


def _de_filtros(filtros: Filtros) -> list[Clausula]:
    exactos = [
        None if filtros.de is None else "@r" + filtros.de,
        None if filtros.tipo is None else "@t" + filtros.tipo,
        "@a" if filtros.con_archivo else None,
    ]
    return [[(termino, False)] for termino in exactos if termino is not None]


def _en_tsquery(clausula: Clausula) -> str:
    return f"({' | '.join(_entre_comillas(t) + ':*' * empieza for t, empieza in clausula)})"


def _entre_comillas(termino: str) -> str:
    escapado = termino.replace("\\", "\\\\").replace("'", "''")
    return f"'{escapado}'"


@contextlib.contextmanager
def _ajustada() -> Iterator[None]:
    """Con otros ajustes de la base, dentro de la transacción abierta y hasta salir."""
    antes = _fijar(_AJUSTES)
    try:
        yield
        _fijar(antes)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _CANCELADA:
            raise tardo() from None
        raise


def _fijar(ajustes: dict[str, str]) -> dict[str, str]:
    """Devuelve los que había."""
    leer = [f"current_setting('{nombre}')" for nombre in ajustes]
    poner = [f"set_config('{nombre}', %s, true)" for nombre in ajustes]
    with connection.cursor() as cursor:
        # En su orden: primero lee, y después pone.
        cursor.execute(f"SELECT {', '.join([*leer, *poner])}", list(ajustes.values()))
        return dict(zip(ajustes, cursor.fetchone(), strict=False))
