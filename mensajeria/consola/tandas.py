"""Trabajos largos de consola: muchas órdenes, por tandas que no bloquean al servidor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from mensajeria.base_de_datos import atomico
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

# Etapa, cuántos van y cuántos son.
Progreso = Callable[[str, int, int], None]

# Como mucho, por tanda.
ORDENES = 500
FILAS = 1000
# Lo que puede esperar por una tanda quien envía; entre una y otra se le deja sitio.
SEGUNDOS_POR_TANDA = 0.03
DESCANSO = 0.3
# Los ids que se leen de una vez: hallarlos puede ser recorrer todo lo ya hecho.
LEIDOS = 20_000

CONSOLA = Actor("", personal=True)


def pedir(cargas: Sequence[Carga]) -> None:
    """Ejecuta y anuncia esas órdenes de consola; lanza el primer error, con lo demás ya hecho."""
    for resultado in nodo().pedir([Orden(CONSOLA, carga) for carga in cargas]):
        if isinstance(resultado, ErrorMensajeria):
            raise resultado


def pedir_todas(cargas: Iterable[Carga], avisar: Callable[[int], None], tanda: int = 50) -> int:
    """Pide todas, por tandas que duren SEGUNDOS_POR_TANDA: la primera es de `tanda` órdenes."""
    quedan, hechas = iter(cargas), 0
    while parte := list(islice(quedan, min(tanda, ORDENES))):
        inicio = time.monotonic()
        pedir(parte)
        dura = time.monotonic() - inicio
        hechas += len(parte)
        avisar(hechas)
        tanda = max(1, min(2 * tanda, int(len(parte) * SEGUNDOS_POR_TANDA / dura)))
        time.sleep(dura * DESCANSO)
    return hechas


def por_tandas(
    filas: QuerySet[Any], hacer: Callable[[list[str]], Any], avisar: Callable[[int], None]
) -> int:
    """`hacer` con los ids de esas filas, mil cada vez, hasta que no quede ninguna.

    Lo que haga ha de sacarlas de `filas`. Nada de subconsultas en lo que escribe: MongoDB no puede.
    """
    hechas = 0
    while leidos := list(filas.values_list("pk", flat=True)[:LEIDOS]):
        for i in range(0, len(leidos), FILAS):
            ids = leidos[i : i + FILAS]
            with atomico():
                hacer(ids)
            hechas += len(ids)
            avisar(hechas)
    return hechas


def borrar_filas(filas: QuerySet[Any], avisar: Callable[[int], None]) -> int:
    """Borra esas filas, de las que nada depende."""
    modelo = filas.model
    return por_tandas(filas, lambda ids: modelo.objects.filter(pk__in=ids).delete(), avisar)
