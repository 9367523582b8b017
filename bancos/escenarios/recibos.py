"""Recibos sin que nadie los envíe: los confirman los latidos, los corrientes y los de más."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bancos.carga.salas import PLAZO, Sala
from bancos.escenarios.mensajes import ritmo_en, salas
from bancos.escenarios.vez import Figuras, Vez
from bancos.estadistica import percentil


async def sala_grande(vez: Vez, *, prefijo: str, personas: int, por_segundo: float) -> Figuras:
    """A pocos mensajes por segundo, durante más de un latido de cada conexión."""
    async with salas(vez, prefijo, 1, personas) as (sala,):
        inicio, antes = time.perf_counter(), _latidos([sala])
        figuras = await ritmo_en(vez, sala, por_segundo)
        latidos = (_latidos([sala]) - antes) / (time.perf_counter() - inicio)
    pct = figuras["us"] * figuras["por_segundo"] / 1e4
    base = figuras["us_base"] * figuras["por_segundo"] / 1e4
    return {
        "p50_ms": figuras["p50_ms"],
        "p99_ms": figuras["p99_ms"],
        "pct": pct,
        "pct_base": base,
        "latidos_por_segundo": latidos,
    }


async def segundo_tic(vez: Vez, *, prefijo: str, cuantas: int, cada: float) -> Figuras:
    """Lo que tarda el segundo tic en salas de 2, con uno en cada una cada tantos segundos."""
    tics: list[float] = []
    async with salas(vez, prefijo, cuantas, 2) as todas:
        gasto, antes = vez.gasto(), _latidos(todas)
        hablan = (
            _hablar(sala, cada * k / cuantas, cada, vez.segundos, tics)
            for k, sala in enumerate(todas)
        )
        await asyncio.gather(*hablan)
        reloj, cpu, cpu_base = gasto.hasta_ahora()
        for sala in todas:
            sala.comprobar()
        return {
            "p50_ms": percentil(tics, 0.5) * 1e3,
            "p99_ms": percentil(tics, 0.99) * 1e3,
            "pct": cpu / reloj * 100,
            "pct_base": cpu_base / reloj * 100,
            "latidos_por_segundo": (_latidos(todas) - antes) / reloj,
        }


async def _hablar(sala: Sala, turno: float, cada: float, durante: float, tics: list[float]) -> None:
    tic = asyncio.Event()
    sala.conexiones[0].al_confirmar = tic.set
    await asyncio.sleep(turno)
    fin = time.perf_counter() + durante
    while (inicio := time.perf_counter()) < fin:
        tic.clear()
        await sala.a_ritmo(1.0, 1.0)
        await asyncio.wait_for(tic.wait(), PLAZO)
        tics.append(time.perf_counter() - inicio)
        await asyncio.sleep(max(0.0, inicio + cada - time.perf_counter()))


def _latidos(de: Sequence[Sala]) -> int:
    return sum(c.latidos for sala in de for c in sala.conexiones)
