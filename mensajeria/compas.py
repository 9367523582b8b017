"""Lo que se hace cada tanto, a la vez: despertar a un proceso cuesta más que casi todo ello."""

from __future__ import annotations

import asyncio
import random

# Otra en cada proceso: los de una máquina no van juntos a la base.
_FASE = random.uniform(0, 60)


def hasta_el_siguiente(segundos: float) -> float:
    """Lo que falta para la próxima vez de lo que toca cada `segundos`; nunca menos de la mitad."""
    falta = segundos - (asyncio.get_running_loop().time() - _FASE) % segundos
    return falta if falta > segundos / 2 else falta + segundos
