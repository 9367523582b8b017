"""La emisión: un sobre al salir por las puertas de un proceso."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mensajeria.difusion.sobre import Sobre
from mensajeria.protocolo.empujes import NuevoMensaje
from mensajeria.protocolo.eventos import NOMBRE_DE

# De evento y datos, ya codificados, a lo que una puerta envía: su marco, o la trama que lo lleva.
Marco = TypeVar("Marco", str, bytes)
Enmarcar = Callable[[str, bytes], Marco]

_NUEVO = NOMBRE_DE[NuevoMensaje]


class Emision:
    """Un evento que sale, con cada marco hecho una sola vez por proceso.

    `por_confirmar` es la conversación y la secuencia de un mensaje nuevo.
    """

    __slots__ = ("_marcos", "datos", "evento", "por_confirmar", "sobre")

    def __init__(self, evento: str, datos: bytes, sobre: Sobre | None = None) -> None:
        self.evento = evento
        self.datos = datos
        self.sobre = sobre
        self.por_confirmar: tuple[str, int] | None = None
        if sobre is not None and evento == _NUEVO:
            self.por_confirmar = (sobre.conversacion, sobre.secuencia)
        self._marcos: dict[Callable[[str, bytes], Any], Any] = {}

    def marco(self, enmarcar: Enmarcar[Marco]) -> Marco:
        """Lo que `enmarcar` hace de esta emisión; la misma función, una vez."""
        hecho: Marco | None = self._marcos.get(enmarcar)
        if hecho is None:
            hecho = self._marcos[enmarcar] = enmarcar(self.evento, self.datos)
        return hecho
