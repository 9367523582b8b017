"""Qué procesos viven: cada uno renueva su arriendo, y el que muere de golpe deja de hacerlo.

Vencen por el reloj de Redis: los de las máquinas pueden no ir a la par.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from mensajeria.entre_procesos.enlace import Enlace, llave

ARRIENDO = 6.0
LATIDO = 2.0
# Con tantos latidos seguidos antes del suyo, a los demás también les ha dado tiempo a latir.
_LATIDOS_FIRMES = 2


def _procesos() -> str:
    return llave("presencia", "procesos")


# Devuelve la hora. Nadie tiene un arriendo más largo que este: el que lo parece es de antes de que
# el reloj retrocediera, y sin acortarlo un proceso muerto viviría lo que haya retrocedido.
_RENOVAR = """
local t = redis.call('TIME')
local ahora = t[1] + t[2] / 1000000
local hasta = ahora + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], hasta, ARGV[1])
local largos = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.6f', hasta + 0.001), '+inf')
for _, otro in ipairs(largos) do redis.call('ZADD', KEYS[1], hasta, otro) end
return string.format('%.6f', ahora)
"""
_VIVOS = """
local t = redis.call('TIME')
local ahora = string.format('%.6f', t[1] + t[2] / 1000000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ahora, '+inf')
"""
_VENCIDOS = """
local t = redis.call('TIME')
local ahora = string.format('%.6f', t[1] + t[2] / 1000000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ahora)
"""


class Arriendos:
    """Recién vuelto Redis, los demás pueden no haber latido aún: de ellos no se concluye nada."""

    def __init__(self, enlace: Enlace) -> None:
        self._enlace = enlace
        self._latidos = 0
        self._ultimo = 0.0
        self._fallo_visto = 0.0

    def renovar(self) -> bool:
        """Renueva el de este proceso; `True` si ya se puede concluir algo de los demás."""
        fallo = self._enlace.ultimo_fallo
        nuevo, ahora = self._enlace.probar(self._renovar)
        # Este proceso o la máquina entera estuvieron parados, sin que fallara nada.
        parado = ahora - self._ultimo > ARRIENDO / 2
        if nuevo or parado or fallo != self._fallo_visto:
            self._latidos = 0
        self._ultimo, self._fallo_visto = ahora, fallo
        firme = self._firme
        self._latidos += 1
        return firme

    def _renovar(self) -> tuple[bool, float]:
        """Si Redis no lo tenía, y qué hora es."""
        yo = self._enlace.proceso
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            tubo.zscore(_procesos(), yo)
            tubo.eval(_RENOVAR, 1, _procesos(), yo, ARRIENDO)
            antes, ahora = tubo.execute()
        return antes is None, float(ahora)

    @property
    def _firme(self) -> bool:
        """Ha latido lo bastante sin que nadie viera fallar a Redis."""
        sin_fallos = self._enlace.ultimo_fallo == self._fallo_visto
        return sin_fallos and self._latidos >= _LATIDOS_FIRMES

    def vivos(self, procesos: Collection[str]) -> set[str]:
        """De esos procesos, los que renuevan su arriendo; recién vuelto Redis, todos."""
        if not procesos or not self._firme:
            return set(procesos)
        return self.vivos_segun(
            self._enlace.llamar(lambda: self.leer(self._enlace.redis)), procesos
        )

    def leer(self, redis: Any) -> Any:
        """Los de arriendo sin vencer; `redis` puede ser un tubo, y entonces salen con lo demás."""
        return redis.eval(_VIVOS, 1, _procesos())

    def vivos_segun(self, sin_vencer: Iterable[str], procesos: Collection[str]) -> set[str]:
        """Lo mismo que `vivos`, con los arriendos ya leídos."""
        return set(sin_vencer).intersection(procesos) if self._firme else set(procesos)

    def todos(self) -> list[str]:
        """Los que tienen arriendo, también vencido."""
        return list(self._enlace.llamar(lambda: self._enlace.redis.zrange(_procesos(), 0, -1)))

    def vencidos(self) -> list[str]:
        """Los que dejaron de renovar, hasta que alguien les quita el arriendo."""
        return list(self._enlace.llamar(lambda: self._enlace.redis.eval(_VENCIDOS, 1, _procesos())))

    def quitar(self, muerto: str) -> None:
        self._enlace.llamar(lambda: self._enlace.redis.zrem(_procesos(), muerto))
