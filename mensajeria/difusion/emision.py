"""La emisión: un sobre al salir por las puertas de un proceso."""

from __future__ import annotations

from collections.abc import Callable

from mensajeria.difusion.sobre import Sobre

# De evento y datos, ya codificados, al marco de una puerta.
Enmarcar = Callable[[str, bytes], str]


class Emision:
    """Un evento que sale, con cada marco hecho una sola vez por proceso."""

    __slots__ = ("_marcos", "datos", "evento", "sobre")

    def __init__(self, evento: str, datos: bytes, sobre: Sobre | None = None) -> None:
        self.evento = evento
        self.datos = datos
        self.sobre = sobre
        self._marcos: dict[Enmarcar, str] = {}

    def marco(self, enmarcar: Enmarcar) -> str:
        """El marco de esta emisión para una puerta."""
        hecho = self._marcos.get(enmarcar)
        if hecho is None:
            hecho = self._marcos[enmarcar] = enmarcar(self.evento, self.datos)
        return hecho
