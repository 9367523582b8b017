"""Las filas: qué se mide, contra quién y a qué se aspira."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from bancos.escenarios import mensajes, receptores
from bancos.escenarios.vez import Escenario
from bancos.siembra import Siembra

# Las figuras de las que una fila puede ser, con su unidad.
UNIDADES = {
    "us": "µs de CPU del servidor",
    "us_base": "µs de CPU de la base",
    "por_segundo": "por segundo",
    "p50_ms": "p50 (ms)",
    "p99_ms": "p99 (ms)",
    "ms_sala_grande": "ms de CPU, sala grande",
    "marcos_por_segundo": "marcos por segundo",
}


@dataclass(frozen=True)
class Objetivo:
    """`de` no pasa de `veces` lo de `frente_a`, en esa figura."""

    de: str
    frente_a: str
    veces: float
    figura: str = "us"


@dataclass(frozen=True)
class Fila:
    id: str
    titulo: str
    siembra: Siembra
    escenario: Escenario
    contendientes: tuple[str, ...]
    figura: str = "us"
    objetivos: tuple[Objetivo, ...] = field(default=())


_SALAS = Siembra().salas("s", 20, 2).sala("g0", 101)
_GUARDAN = ("producto", "nativa", "node", "node-lote")
_AMBAS = ("producto", "nativa")


def _de_ambas(frente_a: str, veces: float, figura: str = "us") -> tuple[Objetivo, ...]:
    return tuple(Objetivo(de, frente_a, veces, figura) for de in _AMBAS)


_ACUSES = _de_ambas("node", 1.0, "p50_ms") + _de_ambas("node", 1.0, "p99_ms")

FILAS = [
    *(
        Fila(
            f"sala2x{n}",
            f"Mensaje guardado, sala de 2, {n} en vuelo",
            _SALAS,
            partial(mensajes.en_vuelo, prefijo="s", mensajes=n),
            _GUARDAN,
            objetivos=_de_ambas("node", 0.8) + _ACUSES,
        )
        for n in (1, 4)
    ),
    Fila(
        "20x4",
        "Mensaje guardado, 20 conversaciones × 4 en vuelo",
        _SALAS,
        partial(mensajes.en_vuelo, prefijo="s", cuantas=20, mensajes=4),
        (*_GUARDAN, "sqlite"),
        objetivos=(
            *_de_ambas("node", 0.15),
            *_de_ambas("node-lote", 0.8),
            Objetivo("sqlite", "producto", 1.2),
        ),
    ),
    *(
        Fila(
            f"ritmo{n}",
            f"Acuse a {n} mensajes por segundo, sala de 2",
            _SALAS,
            partial(mensajes.a_ritmo, prefijo="s", por_segundo=n),
            _GUARDAN,
            figura="p50_ms",
            objetivos=_ACUSES,
        )
        for n in (100, 400)
    ),
    Fila(
        "receptor",
        "Cada receptor más (sala de 101 menos sala de 2)",
        _SALAS,
        partial(receptores.cada_receptor, pequena="s", grande="g", personas=101),
        ("producto", "nativa", "node", "node-memoria"),
        objetivos=_de_ambas("node-memoria", 0.55),
    ),
]
