"""Pedir órdenes sin puerta de por medio, con el ejecutor de este proceso."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Orden, Resultado


def ejecutar(ordenes: Sequence[Orden]) -> list[Resultado]:
    return nodo().ejecutor.ejecutar(ordenes)


def ejecutar_una(orden: Orden) -> Any:
    return nodo().ejecutor.ejecutar_una(orden)
