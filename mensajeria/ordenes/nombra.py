"""Lo que una orden nombra: de ahí sale qué lee el lote, y nada se lee de una en una."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Nombra:
    """`conversacion` es la que se bloquea; sin ella, la de `mensaje`.

    `cita` es otro mensaje que solo se lee, `pareja` la clave de una conversación individual que
    quizá exista, `previo` el `idCliente` con el que el actor quizá ya envió esto, y `archivo` uno
    subido, que también se bloquea. `todos` pide todos los participantes y no solo el actor;
    `reacciones`, las que tiene `mensaje`; `presentado`, todo lo que sale con él; `fijados`, cuáles
    lo están en la conversación.
    """

    conversacion: str | None = None
    mensaje: str | None = None
    cita: str | None = None
    usuarios: Collection[str] = ()
    pareja: str | None = None
    previo: str | None = None
    archivo: str | None = None
    todos: bool = False
    reacciones: bool = False
    presentado: bool = False
    fijados: bool = False
