"""Trabajos largos de consola: muchas órdenes, por tandas que no bloquean al servidor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet

from mensajeria.base_de_datos import atomico
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

T = TypeVar("T")
# Etapa, cuántos van y cuántos son.
Progreso = Callable[[str, int, int], None]

# Como mucho, por tanda.
POR_TANDA = 500
# Lo que puede esperar por una tanda quien envía; entre una y otra se le deja sitio.
SEGUNDOS_POR_TANDA = 0.03
DESCANSO = 0.3
# Los ids que se leen de una vez: hallarlos puede ser recorrer todo lo ya hecho.
LEIDOS = 20_000

CONSOLA = Actor("", personal=True)


def pedir(cargas: Sequence[Carga]) -> None:
    """Ejecuta y anuncia esas órdenes de consola; lanza el primer error, con lo demás ya hecho.

    Un CONFLICT no lo es: desde que se leyó qué pedir, otro lo hizo.
    """
    for resultado in nodo().pedir([Orden(CONSOLA, carga) for carga in cargas]):
        match resultado:
            case ErrorMensajeria(codigo=CodigoError.CONFLICT):
                pass
            case ErrorMensajeria():
                raise resultado


def pedir_todas(cargas: Iterable[Carga], avisar: Callable[[int], None], tanda: int = 50) -> int:
    """Pide todas; cuántas eran. La primera tanda es de `tanda` órdenes."""
    return _a_su_paso(cargas, pedir, avisar, tanda)


def por_tandas(
    filas: QuerySet[Any], hacer: Callable[[list[str]], Any], avisar: Callable[[int], None]
) -> int:
    """`hacer` con los ids de esas filas, unas cuantas cada vez, hasta que no quede ninguna.

    Lo que haga ha de sacarlas de `filas`. Nada de subconsultas en lo que escribe: MongoDB no puede.
    """

    def hacer_unas(ids: list[str]) -> None:
        with atomico():
            hacer(ids)

    hechas = 0

    def avisar_de_estas(van: int) -> None:
        avisar(hechas + van)

    while leidos := list(filas.values_list("pk", flat=True)[:LEIDOS]):
        hechas += _a_su_paso(leidos, hacer_unas, avisar_de_estas)
    return hechas


def _a_su_paso(
    cosas: Iterable[T],
    hacer: Callable[[list[T]], Any],
    avisar: Callable[[int], None],
    tanda: int = 50,
) -> int:
    """`hacer` con todas, por tandas que duren SEGUNDOS_POR_TANDA; `avisar`, cuántas van."""
    quedan, hechas = iter(cosas), 0
    while parte := list(islice(quedan, min(tanda, POR_TANDA))):
        inicio = time.monotonic()
        hacer(parte)
        dura = time.monotonic() - inicio
        hechas += len(parte)
        avisar(hechas)
        tanda = max(1, min(2 * len(parte), int(len(parte) * SEGUNDOS_POR_TANDA / dura)))
        time.sleep(dura * DESCANSO)
    return hechas


def borrar_filas(filas: QuerySet[Any], avisar: Callable[[int], None]) -> int:
    """Borra esas filas, de las que nada depende."""
    modelo = filas.model
    return por_tandas(filas, lambda ids: modelo.objects.filter(pk__in=ids).delete(), avisar)
