"""Una sala grande en la que todos confirman lo recibido con sus latidos."""

from __future__ import annotations

from bancos.escenarios.mensajes import a_ritmo
from bancos.escenarios.vez import Figuras, Vez


async def sala_grande(vez: Vez, *, prefijo: str, personas: int, por_segundo: float) -> Figuras:
    """A pocos mensajes por segundo, durante más de un latido de cada conexión."""
    figuras = await a_ritmo(vez, prefijo=prefijo, personas=personas, por_segundo=por_segundo)
    pct = figuras["us"] * figuras["por_segundo"] / 1e4
    base = figuras["us_base"] * figuras["por_segundo"] / 1e4
    return {"p50_ms": figuras["p50_ms"], "p99_ms": figuras["p99_ms"], "pct": pct, "pct_base": base}
