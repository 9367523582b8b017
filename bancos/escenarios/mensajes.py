"""Mensajes guardados: lo que cuesta cada uno y lo que tarda su acuse."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bancos.carga.salas import Sala
from bancos.escenarios.vez import Figuras, Vez
from bancos.estadistica import percentil
from bancos.siembra import gente_de

CALENTAR = 0.3  # de lo que dura la vez


@contextlib.asynccontextmanager
async def salas(vez: Vez, prefijo: str, cuantas: int, personas: int) -> AsyncIterator[list[Sala]]:
    """Las salas `prefijo0`, `prefijo1`…, con toda su gente dentro."""
    ids = [f"{prefijo}{k}" for k in range(cuantas)]
    quienes = [(usuario, c) for c in ids for usuario in gente_de(c, personas)]
    async with vez.conexiones(quienes) as todas:
        yield [
            Sala(c, f"{c}-u0", todas[k * personas : (k + 1) * personas]) for k, c in enumerate(ids)
        ]


async def _ventana(vez: Vez, de: list[Sala], segundos: float) -> Figuras:
    """Las figuras por mensaje de lo que pase en ese rato."""
    hechos = sum(s.hechos for s in de)
    cuantos = [len(s.acuses) for s in de]
    gasto = vez.gasto()
    await asyncio.sleep(segundos)
    reloj, cpu, cpu_base = gasto.hasta_ahora()
    hechos = sum(s.hechos for s in de) - hechos
    if not hechos:
        raise RuntimeError(f"Ningún mensaje se terminó en {reloj:.1f} s")
    acuses = [a for s, n in zip(de, cuantos, strict=True) for a in s.acuses[n:]]
    return {
        "us": cpu / hechos * 1e6,
        "us_base": cpu_base / hechos * 1e6,
        "por_segundo": hechos / reloj,
        "p50_ms": percentil(acuses, 0.5) * 1e3,
        "p99_ms": percentil(acuses, 0.99) * 1e3,
    }


async def en_vuelo(
    vez: Vez, *, prefijo: str, cuantas: int = 1, personas: int = 2, mensajes: int
) -> Figuras:
    """Siempre `mensajes` sin terminar en cada sala."""
    async with salas(vez, prefijo, cuantas, personas) as todas:
        for sala in todas:
            sala.empezar(mensajes)
        await asyncio.sleep(vez.segundos * CALENTAR)
        figuras = await _ventana(vez, todas, vez.segundos)
        for sala in todas:
            await sala.terminar()
            sala.comprobar()
        return figuras


async def a_ritmo(vez: Vez, *, prefijo: str, personas: int = 2, por_segundo: float) -> Figuras:
    """A tantos por segundo, conteste o no: la latencia cuenta también la espera."""
    async with salas(vez, prefijo, 1, personas) as (sala,):
        return await ritmo_en(vez, sala, por_segundo)


async def ritmo_en(vez: Vez, sala: Sala, por_segundo: float) -> Figuras:
    """Lo mismo, en una sala ya abierta."""
    calentar = vez.segundos * CALENTAR
    tarea = asyncio.create_task(sala.a_ritmo(por_segundo, vez.segundos + calentar))
    await asyncio.sleep(calentar)
    figuras = await _ventana(vez, [sala], vez.segundos)
    await tarea
    sala.comprobar()
    return figuras
