"""Limpiar los archivos a fondo: lo que sobra, lo que se perdió y lo que no dice ninguna fila."""

from __future__ import annotations

from dataclasses import dataclass

from mensajeria.archivos import limpieza


@dataclass(frozen=True, slots=True)
class Recogida:
    """Cuántos archivos se borraron, o se borrarían, y cuántos sin fila; y cuántos no se pudo."""

    sobrantes: int
    huerfanos: int
    quedan: int = 0


def limpiar_todo(*, simular: bool = False) -> Recogida:
    """Todo lo que nadie nombra. Se puede repetir, y con el servidor en marcha."""
    huerfanos = limpieza.huerfanos()
    if simular:
        return Recogida(limpieza.por_borrar(), len(huerfanos))
    limpieza.marcar_perdidos()
    sobrantes = limpieza.limpiar()
    borrados = len(limpieza.borrar(huerfanos))
    return Recogida(sobrantes.hechos, borrados, sobrantes.quedan + len(huerfanos) - borrados)
