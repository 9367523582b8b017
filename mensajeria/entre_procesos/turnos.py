"""Lo que hace un solo proceso, aunque lo quieran hacer todos."""

from __future__ import annotations

from mensajeria.entre_procesos.enlace import Enlace, llave


class Turnos:
    """Sin Redis hay un único proceso y siempre le toca."""

    def __init__(self, enlace: Enlace | None) -> None:
        self._enlace = enlace

    def tomar(self, de: str, segundos: int) -> bool:
        """`True` para un solo proceso en cada tramo de esos segundos."""
        enlace, plazo = self._enlace, max(1, segundos - 1)
        if enlace is None:
            return True
        turno = llave("presencia", "turno", de)
        return bool(
            enlace.llamar(lambda: enlace.redis.set(turno, enlace.proceso, nx=True, ex=plazo))
        )
