"""Lo que se mide junto a la base: `python -m bancos.buscar.dentro MENSAJES [--planes]`, con su
DATABASE_URL. Escribe una tabla."""

from __future__ import annotations

import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

from bancos.buscar import siembra
from bancos.buscar.siembra import palabra
from mensajeria import consultas, indice_de_busqueda
from mensajeria.consultas import Filtros
from mensajeria.protocolo.errores import ErrorMensajeria

VECES = 40
CALENTAR = 3
QUIENES = ("pocas", "muchas", "calladas")


def clases() -> dict[str, Callable[[int], tuple[str, dict[str, Any]]]]:
    """Por nombre, la búsqueda número `n` de su clase."""

    def de(desde: int, salto: int = 1) -> Callable[[int], str]:
        return lambda n: palabra(desde + n * salto)

    corriente, media, rara = de(0), de(200, 7), de(8_000, 131)
    reciente = siembra.INICIO + timedelta(days=365 * (siembra.ANOS - 1))
    return {
        "corriente": lambda n: (corriente(n) + " ", {}),
        "media": lambda n: (media(n) + " ", {}),
        "rara": lambda n: (rara(n) + " ", {}),
        "ninguna": lambda n: (f"zzyx{n} ", {}),
        "a medio escribir": lambda n: (media(n)[:4], {}),
        "prefijo de tres": lambda n: (corriente(n)[:3] + "*", {}),
        "tres corrientes": lambda n: (f"{corriente(n)} {corriente(n + 1)} {corriente(n + 2)} ", {}),
        "corriente y rara": lambda n: (f"{corriente(n)} {rara(n)} ", {}),
        "frase": lambda n: (f'"{corriente(n)} {corriente(n + 3)}"', {}),
        "frase que no está": lambda n: (f'"{corriente(n)} {rara(n)} {media(n)}"', {}),
        "de alguien": lambda n: (corriente(n) + " ", {"de": f"u{n}"}),
        "con archivo": lambda n: ("", {"con_archivo": True}),
        "archivo por su nombre": lambda n: (media(n) + " ", {"con_archivo": True}),
        "de hace un año": lambda n: (media(n) + " ", {"hasta": reciente}),
        "relevancia": lambda n: (f"{media(n)} ", {"por_relevancia": True}),
    }


def medir(quien: str, hacer: Callable[[int], tuple[str, dict[str, Any]]]) -> list[float]:
    """Lo que tarda cada una, con la base ya caliente: las primeras no cuentan."""
    tiempos = []
    for n in range(-CALENTAR, VECES):
        q, mas = hacer(n % VECES)
        relevancia = mas.pop("por_relevancia", False)
        inicio = time.perf_counter()
        # La que se corta por tardar también cuenta lo que tardó.
        with contextlib.suppress(ErrorMensajeria):
            consultas.buscar(quien, q, Filtros(**mas), por_relevancia=relevancia)
        tiempos.append(time.perf_counter() - inicio)
    return tiempos[CALENTAR:]


def main() -> None:
    mensajes = int(sys.argv[1])
    preparar(mensajes)
    print(f"\n| {connection.vendor}, ms | " + " | ".join(f"{q}: p50 · p95" for q in QUIENES) + " |")
    print("|---|" + "---|" * len(QUIENES))
    for nombre, hacer in clases().items():
        celdas = []
        for quien in QUIENES:
            t = sorted(medir(quien, hacer))
            celdas.append(f"{statistics.median(t) * 1e3:.1f} · {t[int(0.95 * VECES)] * 1e3:.1f}")
        print(f"| {nombre} | " + " | ".join(celdas) + " |", flush=True)
    if "--planes" in sys.argv:
        _planes()


def preparar(mensajes: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    tablas = connection.introspection.table_names()
    if "mensajeria_mensaje" not in tablas:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        pasos: dict[str, Callable[[], None]] = {
            "sembrar": lambda: siembra.sembrar(mensajes),
            "índice": lambda: indice_de_busqueda.asegurar(connection),
            "analizar": _analizar,
        }
        for nombre, hacer in pasos.items():
            inicio = time.perf_counter()
            hacer()
            print(f"{nombre}: {time.perf_counter() - inicio:.0f} s", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def _analizar() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _planes() -> None:
    for quien in QUIENES:
        for nombre in ("corriente", "rara", "frase"):
            q, mas = clases()[nombre](3)
            print(f"\n{connection.vendor}, {quien}, {nombre}:")
            for sql, valores in _hechas(quien, q, mas):
                for linea in _plan(sql, valores):
                    print(f"    {linea}")


def _hechas(quien: str, q: str, mas: dict[str, Any]) -> list[tuple[str, Any]]:
    """Las consultas al índice que hace."""
    hechas: list[tuple[str, Any]] = []

    def anotar(ejecutar: Any, sql: str, valores: Any, *resto: Any) -> Any:
        if "hallable" in sql or "buscable" in sql:
            hechas.append((sql, valores))
        return ejecutar(sql, valores, *resto)

    with connection.execute_wrapper(anotar):
        consultas.buscar(quien, q, Filtros(**mas))
    return hechas


def _plan(sql: str, valores: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("EXPLAIN QUERY PLAN " + sql, valores)
            yield from (fila[-1] for fila in cursor.fetchall())
            return
        cursor.execute("SET enable_seqscan = off; SET enable_indexscan = off")
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql, valores)
        yield from (fila[0][:200] for fila in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_indexscan")


if __name__ == "__main__":
    main()
