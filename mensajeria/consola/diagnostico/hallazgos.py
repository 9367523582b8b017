"""Lo que dice cada comprobación."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Veredicto(StrEnum):
    BIEN = "✓"
    AVISO = "!"
    MAL = "✗"
    OMITIDO = "–"


@dataclass(frozen=True, slots=True)
class Hallazgo:
    """`que` se miró y qué se vio; `remedio`, lo que hay que hacer si no está bien."""

    estado: Veredicto
    que: str
    remedio: str = ""


def bien(que: str) -> Hallazgo:
    return Hallazgo(Veredicto.BIEN, que)


def aviso(que: str, remedio: str) -> Hallazgo:
    return Hallazgo(Veredicto.AVISO, que, remedio)


def mal(que: str, remedio: str) -> Hallazgo:
    return Hallazgo(Veredicto.MAL, que, remedio)


def omitido(que: str, remedio: str = "") -> Hallazgo:
    return Hallazgo(Veredicto.OMITIDO, que, remedio)
