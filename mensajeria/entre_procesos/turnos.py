"""Lo que hace un solo proceso, aunque lo quieran hacer todos."""

from __future__ import annotations

from mensajeria.entre_procesos.enlace import Enlace, llave

# Guarda cuándo acaba, con el reloj de Redis: un turno que dura más que él es de antes de que el
# reloj retrocediera, y ya no vale. Lo que no es una hora lo puso una versión anterior.
_TOMAR = """
local t = redis.call('TIME')
local ahora, plazo = t[1] + t[2] / 1000000, tonumber(ARGV[1])
local puesto = redis.call('GET', KEYS[1])
local hasta = puesto and (tonumber(puesto) or ahora + plazo) or 0
if hasta > ahora and hasta <= ahora + plazo then return 0 end
redis.call('SET', KEYS[1], string.format('%.6f', ahora + plazo), 'EX', plazo)
return 1
"""


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
        return bool(enlace.llamar(lambda: enlace.redis.eval(_TOMAR, 1, turno, plazo)))
