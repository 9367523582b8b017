"""Medianas, rangos y percentiles de unas pocas veces."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentil(valores: Sequence[float], parte: float) -> float:
    """El menor valor que deja a `parte` (de 0 a 1) de los demás en él o por debajo."""
    orden = sorted(valores)
    return orden[max(0, math.ceil(parte * len(orden)) - 1)]


def cifras(valor: float) -> str:
    """Con tres cifras, que más no se sostienen, y la coma y el punto del español."""
    if valor == 0:
        return "0"
    enteras = len(str(int(abs(valor)))) if abs(valor) >= 1 else 0
    texto = f"{valor:,.{max(0, 3 - enteras) if enteras else 3}f}"
    return texto.translate(str.maketrans(",.", ".,"))
