"""Leer cuesta lo mismo haya mil mensajes o cincuenta mil: lo dicen los planes de la base."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from mensajeria import consultas
from mensajeria.models import Usuario
from mensajeria.models.base import ahora
from tests.consultas.siembra import al_dia, conversacion_larga, muchas_conversaciones

pytestmark = pytest.mark.bd

CORTA, LARGA = 1_000, 50_000
# Bloques de más que pueden tocarse por lo que otras pruebas dejaron deshecho en las tablas;
# recorrer las filas de más de la larga son cientos.
DESHECHOS = 100
GRANDES = ("mensajeria_mensaje", "mensajeria_lectura", "mensajeria_reaccion")


def _pagina(cual: Callable[[int], tuple[int, int]]) -> Callable[[str, int], Any]:
    def leer(conversacion: str, cuantos: int) -> list[Any]:
        historia = consultas.Historia("ana", conversacion)
        pagina = historia.por_secuencia(True, cual(cuantos), 51)
        assert len(pagina) == 51
        return historia.presentar(pagina)

    return leer


LECTURAS: dict[str, Callable[[str, int], Any]] = {
    "la más nueva": _pagina(lambda n: (0, n + 1)),
    "una vieja": _pagina(lambda n: (0, n // 2)),
    "la segunda": _pagina(lambda n: (0, 60)),
    "por número de página": lambda c, n: consultas.presentar_mensajes(
        consultas.filas_de(consultas.visibles_de("ana", c)[100:150])
    ),
    "por cambios": lambda c, n: consultas.Historia("ana", c).por_cambio(
        False, (n - 100, n), (0, n), 51
    ),
    "unirse": lambda c, n: consultas.poner_al_dia("ana", {c: None}),
    "reanudar": lambda c, n: consultas.poner_al_dia("ana", {c: n - 50}),
    "reparar": lambda c, n: consultas.cambios_desde({c: n - 50}),
    "buscar": lambda c, n: consultas.buscar("ana", "algo", consultas.Filtros()),
    "los fijados": lambda c, n: consultas.presentar_mensajes(list(consultas.fijados_de("ana", c))),
}


Sentencia = tuple[str, Any]


def _hechas(leer: Callable[[str, int], Any], conversacion: str, cuantos: int) -> list[Sentencia]:
    hechas: list[Sentencia] = []

    def anotar(ejecutar: Any, sql: str, valores: Any, *resto: Any) -> Any:
        if sql.startswith("SELECT"):
            hechas.append((sql, valores))
        return ejecutar(sql, valores, *resto)

    with connection.execute_wrapper(anotar):
        leer(conversacion, cuantos)
    return hechas


def _bloques(sentencias: Sequence[Sentencia]) -> int:
    """Los que PostgreSQL toca para responderlas."""
    total = 0
    with connection.cursor() as cursor:
        for sql, valores in sentencias:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql, valores)
            [(plan,)] = cursor.fetchall()
            raiz = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            total += raiz["Shared Hit Blocks"] + raiz["Shared Read Blocks"]
    return total


def _recorridas(sentencias: Sequence[Sentencia]) -> list[str]:
    """Lo que SQLite recorrería entero."""
    with connection.cursor() as cursor:
        pasos = []
        for sql, valores in sentencias:
            cursor.execute("EXPLAIN QUERY PLAN " + sql, valores)
            pasos += [paso for *_, paso in cursor.fetchall()]
    return [p for p in pasos if p.startswith("SCAN") and p.split()[1] in GRANDES]


def test_lo_que_se_lee_no_crece(ana: Usuario, beto: Usuario) -> None:
    if connection.vendor == "mongodb":
        pytest.skip("el sustituto no tiene planes")
    conversacion_larga("corta", CORTA)
    conversacion_larga("larga", LARGA)
    al_dia()
    for nombre, leer in LECTURAS.items():
        corta, larga = _hechas(leer, "corta", CORTA), _hechas(leer, "larga", LARGA)
        assert len(corta) == len(larga), nombre
        if connection.vendor == "postgresql":
            assert _bloques(larga) <= 1.2 * _bloques(corta) + DESHECHOS, nombre
        else:
            assert _recorridas(larga) == [], nombre


def test_la_lista_de_quien_lleva_tiempo_sin_escribir_no_recorre_la_de_todos(
    ana: Usuario, beto: Usuario
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("las otras bases siempre leen las suyas")
    muchas_conversaciones("ana", 1_000, ahora() - timedelta(days=400))
    muchas_conversaciones("beto", 6_000, ahora())
    al_dia()
    suyas = [f.pk for f in consultas.por_actividad("ana")[:51]]
    for no_leidos in (False, True):
        filtro = consultas.Filtro(no_leidos=no_leidos)

        def listar(*_: Any, filtro: consultas.Filtro = filtro) -> list[str]:
            filas = consultas.listar_conversaciones("ana", filtro, True, None, 51)
            return [f.id for f in filas]

        assert listar() == ([] if no_leidos else suyas)
        assert _bloques(_hechas(listar, "", 0)) < 8_000
