"""Pedir órdenes sin puerta de por medio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Orden, Resultado


def ejecutar(ordenes: Sequence[Orden]) -> list[Resultado]:
    return nodo().pedir(ordenes)


def ejecutar_una(orden: Orden) -> Any:
    return nodo().pedir_una(orden)
