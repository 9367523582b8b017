"""Limpiar los archivos a fondo: lo que sobra, lo que se perdió y lo que no dice ninguna fila."""

from __future__ import annotations

from dataclasses import dataclass

from mensajeria.archivos import limpieza
from mensajeria.consola.tandas import Progreso


@dataclass(frozen=True, slots=True)
class Recogida:
    """Cuántos archivos se borraron, o se borrarían: los que sobraban, y los que no tienen fila.

    `con_fila`, los del almacén que sí la tienen; `quedan`, los que no se pudo borrar.
    """

    sobrantes: int
    huerfanos: int
    con_fila: int
    quedan: int = 0

    @property
    def parece_de_otro(self) -> bool:
        """Si el almacén tiene más que no conoce esta base que suyos."""
        return self.huerfanos > self.con_fila


def por_limpiar() -> Recogida:
    """Lo que haría `limpiar_todo`."""
    con_fila, huerfanos = limpieza.guardados()
    return Recogida(limpieza.por_borrar() + limpieza.perdidos(), len(huerfanos), con_fila)


def limpiar_todo(progreso: Progreso) -> Recogida:
    """Todo lo que nadie nombra. Se puede repetir, y con el servidor en marcha."""
    limpieza.marcar_perdidos()
    total = limpieza.por_borrar()
    sobrantes = limpieza.limpiar(avisar=lambda n: progreso("archivos que sobran", n, total))
    # Lo último: un almacén que no se deja listar no impide lo demás.
    con_fila, huerfanos = limpieza.guardados()
    borrados = limpieza.borrar_huerfanos(
        huerfanos, lambda n: progreso("archivos sin fila", n, len(huerfanos))
    )
    quedan = sobrantes.quedan + len(huerfanos) - borrados
    return Recogida(sobrantes.hechos, borrados, con_fila, quedan)
