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


class _Marcos(dict[Callable[[str, bytes], Any], Any]):
    """Los de un evento, por la función que los hace."""

    __slots__ = ("_datos", "_evento")

    def __init__(self, evento: str, datos: bytes) -> None:
        self._evento, self._datos = evento, datos

    def __missing__(self, enmarcar: Enmarcar[Marco]) -> Marco:
        hecho = self[enmarcar] = enmarcar(self._evento, self._datos)
        return hecho


class Emision:
    """Un evento que sale: `marcos[enmarcar]` es lo que `enmarcar` hace de él, hecho una vez.

    `por_confirmar` es la conversación y la secuencia de un mensaje nuevo.
    """

    __slots__ = ("datos", "evento", "marcos", "por_confirmar", "sobre")

    def __init__(self, evento: str, datos: bytes, sobre: Sobre | None = None) -> None:
        self.evento = evento
        self.datos = datos
        self.sobre = sobre
        self.por_confirmar: tuple[str, int] | None = None
        if sobre is not None and evento == _NUEVO:
            self.por_confirmar = (sobre.conversacion, sobre.secuencia)
        self.marcos = _Marcos(evento, datos)
