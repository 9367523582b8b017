"""En PostgreSQL: el GIN, por tramos de fechas cada vez mayores, de lo más nuevo a lo más viejo.

De un GIN no sale nada ordenado: una palabra corriente pediría leer y ordenar todos sus mensajes. El
tramo es un término más de la consulta, así que el índice no da nada de fuera de él.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError, connection

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.busqueda.donde import (
    Clausula,
    Donde,
    Encontrado,
    Encontrados,
    Filtros,
    clausulas_de,
    frases_de,
)
from mensajeria.consultas.busqueda.llano import leer_posicion, posicion
from mensajeria.consultas.busqueda.plazo import SEGUNDOS, tardo
from mensajeria.indice_de_busqueda import ESCALONES
from mensajeria.indice_de_busqueda import terminos as indexados

# Lo que se mira de una vez, antes de contestar con lo que haya.
SEGUNDOS_DE_UNA_VEZ = 1.0
# Los tramos de un escalón, de una vez: uno, dos, cuatro…
MAX_TRAMOS = 16
_CANCELADA = "57014"
# Un GIN solo se recorre por mapa de bits. Lo demás que elegiría, con un LIMIT, es ir por fechas
# mirando mensaje a mensaje, que con una palabra rara son todos los que hay.
_AJUSTES = {
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
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
        alcance = _alcance(filtros, antes)
        if alcance is None or not donde.conversaciones:
            return Encontrados([], None)
        busqueda = _Busqueda(donde, terminos, filtros, antes)
        with _ajustada():
            if donde.pocos:
                return _encontrados(busqueda.en_lo_propio(cuantos + 1), cuantos, None)
            return _por_tramos(busqueda, alcance, cuantos)

    def incluida(self, posicion: str) -> str:
        return posicion + "~"


def _alcance(filtros: Filtros, antes: tuple[datetime, str] | None) -> tuple[int, int] | None:
    """Del primer segundo al último en que puede haber algo; nada, si en ninguno."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(fecha_envio), max(fecha_envio) FROM mensajeria_mensaje")
        primera, ultima = cursor.fetchone()
    if primera is None:
        return None
    desde = max(primera, filtros.desde or primera)
    hasta = min(f for f in (ultima, filtros.hasta, antes and antes[0]) if f is not None)
    return (int(desde.timestamp() // 1), int(hasta.timestamp() // 1)) if desde <= hasta else None


def tramos(desde: int, hasta: int) -> Iterator[Bloques]:
    """Los bloques de cada escalón que cubren esos segundos, del último al primero.

    Sube de escalón donde uno acaba, y dentro de él toma cada vez el doble.
    """
    menor = ESCALONES[0]
    fin, principio = (hasta >> menor) + 1, desde >> menor
    for escalon, mayor in zip(ESCALONES, [*ESCALONES[1:], None], strict=True):
        uno, varios = 1 << (escalon - menor), 1
        while fin > principio and (mayor is None or fin % (1 << (mayor - menor))):
            hasta_el_mayor = MAX_TRAMOS if mayor is None else fin % (1 << (mayor - menor)) // uno
            son = min(varios, hasta_el_mayor, -((principio - fin) // uno))
            yield [(escalon, fin // uno - 1 - i) for i in range(son)]
            fin, varios = fin - son * uno, min(varios * 2, MAX_TRAMOS)


def _por_tramos(busqueda: _Busqueda, alcance: tuple[int, int], cuantos: int) -> Encontrados:
    filas: list[Any] = []
    limite = time.monotonic() + SEGUNDOS_DE_UNA_VEZ
    for bloques in tramos(*alcance):
        filas += busqueda.en_bloques(bloques, cuantos + 1 - len(filas))
        if len(filas) > cuantos:
            break
        escalon, ultimo = bloques[-1]
        if time.monotonic() > limite and ultimo << escalon > alcance[0]:
            sigue = posicion(datetime.fromtimestamp(ultimo << escalon, UTC), "")
            return _encontrados(filas, cuantos, sigue)
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
        self._clausulas = clausulas_de(terminos) + _de_filtros(filtros)
        self._sql: list[str] = ["m.buscable <> ''"]
        self._valores: list[Any] = []
        self._conversaciones = list(donde.conversaciones)
        if donde.pocas:
            self._clausulas.append([("@c" + c, False) for c in donde.conversaciones])
        if antes is not None:
            self._y("(m.fecha_envio, m._id) < (%s, %s)", *antes)
        if filtros.desde is not None:
            self._y("m.fecha_envio >= %s", filtros.desde)
        if filtros.hasta is not None:
            self._y("m.fecha_envio < %s", filtros.hasta)
        self._filtros = filtros
        self._fuera_del_indice = [] if donde.pocas else [self._conversaciones]

    def _y(self, sql: str, *valores: Any) -> None:
        self._sql.append(sql)
        self._valores += valores

    def en_bloques(self, bloques: Bloques, cuantos: int) -> list[Any]:
        """Lo más nuevo de esos bloques de fechas, por el índice."""
        de_fecha: Clausula = [(f"@{escalon}.{n}", False) for escalon, n in bloques]
        consulta = " & ".join(map(_en_tsquery, [*self._clausulas, de_fecha]))
        sql, valores = [f"{indexados('m')} @@ %s::tsquery"], [consulta]
        for frase in frases_de(self._terminos):
            sql.append("strpos(m.buscable, %s) > 0")
            valores.append(frase)
        return self._leer(sql, valores + self._fuera_del_indice, cuantos)

    def en_lo_propio(self, cuantos: int) -> list[Any]:
        """Sin el índice: de quien tiene poco, aunque en muchas conversaciones."""
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
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _CANCELADA:
            raise tardo() from None
        raise
    _fijar(antes)


def _fijar(ajustes: dict[str, str]) -> dict[str, str]:
    """Devuelve los que había."""
    with connection.cursor() as cursor:
        leer = ", ".join(f"current_setting('{nombre}')" for nombre in ajustes)
        cursor.execute(f"SELECT {leer}")
        antes = dict(zip(ajustes, cursor.fetchone(), strict=True))
        poner = ", ".join(f"set_config('{nombre}', %s, true)" for nombre in ajustes)
        cursor.execute(f"SELECT {poner}", list(ajustes.values()))
    return antes
