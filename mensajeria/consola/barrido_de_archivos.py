"""Barrer los archivos: lo que sobra, lo que se perdió y lo que no dice ninguna fila."""

from __future__ import annotations

from dataclasses import dataclass

from mensajeria.archivos import limpieza


@dataclass(frozen=True, slots=True)
class Recogida:
    """Cuántos archivos se borraron, o se borrarían, y de cuáles hay bytes y ninguna fila."""

    sobrantes: int
    huerfanos: list[str]


def barrer(*, simular: bool = False) -> Recogida:
    """Todo lo que nadie nombra. Se puede repetir, y con el servidor en marcha."""
    huerfanos = limpieza.huerfanos()
    if simular:
        return Recogida(limpieza.por_borrar(), huerfanos)
    limpieza.marcar_perdidos()
    sobrantes = limpieza.limpiar()
    limpieza.borrar_huerfanos(huerfanos)
    return Recogida(sobrantes, huerfanos)
