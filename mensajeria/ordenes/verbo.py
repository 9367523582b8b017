"""Cómo se declara un verbo: qué orden cumple, qué nombra y qué hace con ella."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib.admin.models import LogEntry

from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo.tipos import Carga, Forma

C = TypeVar("C", bound=Carga)


def _sin_historia(_: Lote, orden: Orden[Carga]) -> LogEntry:
    raise TypeError(f"{type(orden.carga).__name__} no deja historia, y trae motivo")


@dataclass(frozen=True, slots=True)
class Verbo(Generic[C]):
    """Lo que se hace con cada orden que lleva `carga`, por este orden:

    `nombra` dice qué filas necesita; `limitado`, si gasta en el límite de mensajes; `aplicar` la
    decide y la hace en memoria, y devuelve la respuesta o el anuncio que la lleva; si trae motivo,
    `historia` es la entrada que deja. `de_memoria`: si no nombra más que su conversación, le bastan
    su fila y la de quien la pide, con lo que de ellas comprueba `almacen.al_vuelo`.
    """

    carga: type[C]
    aplicar: Callable[[Lote, Orden[C]], Forma | Anuncio | None]
    nombra: Callable[[Orden[C]], Nombra]
    limitado: bool = False
    de_memoria: bool = False
    historia: Callable[[Lote, Orden[C]], LogEntry] = _sin_historia


Verbos = Mapping[type[Carga], Verbo[Any]]
