"""Lo que cuesta cada receptor: una sala grande menos una de dos."""

from __future__ import annotations

import asyncio

from bancos.escenarios.mensajes import CALENTAR, salas
from bancos.escenarios.vez import Figuras, Vez


async def _por_mensaje(vez: Vez, prefijo: str, personas: int, en_vuelo: int) -> tuple[float, float]:
    """Segundos de CPU del servidor por mensaje, y mensajes por segundo."""
    async with salas(vez, prefijo, 1, personas) as (sala,):
        sala.empezar(en_vuelo)
        await asyncio.sleep(vez.segundos * CALENTAR)
        hechos, gasto = sala.hechos, vez.gasto()
        await asyncio.sleep(vez.segundos)
        reloj, cpu, _ = gasto.hasta_ahora()
        hechos = sala.hechos - hechos
        await sala.terminar()
        sala.comprobar()
        return cpu / hechos, hechos / reloj


async def cada_receptor(
    vez: Vez, *, pequena: str, grande: str, personas: int, en_vuelo: int = 1
) -> Figuras:
    """Las dos con los mismos mensajes en vuelo, así lo de guardar se va con la resta."""
    menos, _ = await _por_mensaje(vez, pequena, 2, en_vuelo)
    mas, por_segundo = await _por_mensaje(vez, grande, personas, en_vuelo)
    return {
        "us": (mas - menos) / (personas - 2) * 1e6,
        "ms_sala_grande": mas * 1e3,
        "marcos_por_segundo": por_segundo * personas,
    }
