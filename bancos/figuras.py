"""Cómo se llama en las tablas cada figura."""

from __future__ import annotations

_UNIDADES = {
    "us": "µs de CPU",
    "us_base": "µs de CPU, base",
    "ms": "ms de CPU",
    "ms_base": "ms de CPU, base",
    "por_segundo": "por segundo",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "ms_sala_grande": "ms de CPU, sala grande",
    "marcos_por_segundo": "marcos por segundo",
    "kb": "KB por conexión",
    "latidos_por_segundo": "latidos por segundo",
    "pct": "% de un núcleo",
    "pct_base": "% de un núcleo, base",
}


def unidad(figura: str) -> str:
    """La de una figura; las que cambian de tamaño (`ms_1k`) llevan el suyo detrás."""
    if figura in _UNIDADES:
        return _UNIDADES[figura]
    base, _, tamano = figura.rpartition("_")
    return f"{_UNIDADES[base]}, {tamano}"
