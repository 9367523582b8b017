"""Trabajos largos de consola: muchas órdenes, por tandas que no bloquean al servidor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from mensajeria.base_de_datos import atomico
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

# Etapa, cuántos van y cuántos son.
Progreso = Callable[[str, int, int], None]

# Lo que bloquea cada tanda: unas decenas de milisegundos.
ORDENES = 100
FILAS = 1000

CONSOLA = Actor("", personal=True)


def pedir(cargas: Sequence[Carga]) -> None:
    """Ejecuta y anuncia esas órdenes de consola; lanza el primer error, con lo demás ya hecho."""
    for resultado in nodo().pedir([Orden(CONSOLA, carga) for carga in cargas]):
        if isinstance(resultado, ErrorMensajeria):
            raise resultado


def por_tandas(
    filas: QuerySet[Any], hacer: Callable[[list[str]], Any], avisar: Callable[[int], None]
) -> int:
    """`hacer` con los ids de esas filas, mil cada vez, hasta que no quede ninguna.

    Lo que haga ha de sacarlas de `filas`. Nada de subconsultas en lo que escribe: MongoDB no puede.
    """
    hechas = 0
    while ids := list(filas.values_list("pk", flat=True)[:FILAS]):
        with atomico():
            hacer(ids)
        hechas += len(ids)
        avisar(hechas)
    return hechas


def borrar_filas(filas: QuerySet[Any], avisar: Callable[[int], None]) -> int:
    """Borra esas filas, de las que nada depende."""
    modelo = filas.model
    return por_tandas(filas, lambda ids: modelo.objects.filter(pk__in=ids).delete(), avisar)
