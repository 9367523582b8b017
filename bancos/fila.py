"""Una fila: qué se mide, contra quién y a qué se aspira."""

from __future__ import annotations

from dataclasses import dataclass

from bancos.escenarios.vez import Escenario
from bancos.siembra import Siembra


@dataclass(frozen=True)
class Objetivo:
    """Que `figura` de `de` no pase de `veces` la de `frente_a` (o llegue, si es `al_menos`).

    Se compara con otra figura del mismo si es `con_figura`.
    """

    de: str
    frente_a: str
    veces: float
    figura: str = "us"
    con_figura: str = ""
    al_menos: bool = False


@dataclass(frozen=True)
class Fila:
    """`figura` es la que se dibuja. `fresca` arranca los servidores de nuevo cada vez."""

    id: str
    titulo: str
    siembra: Siembra
    escenario: Escenario
    contendientes: tuple[str, ...]
    figura: str = "us"
    objetivos: tuple[Objetivo, ...] = ()
    segundos: float | None = None
    veces: int | None = None
    fresca: bool = False
