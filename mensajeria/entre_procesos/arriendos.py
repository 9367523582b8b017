"""Qué procesos viven: cada uno renueva su arriendo, y el que muere de golpe deja de hacerlo."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any

from mensajeria.entre_procesos.enlace import Enlace, llave

ARRIENDO = 6.0
LATIDO = 2.0
# Con tantos latidos seguidos antes del suyo, a los demás también les ha dado tiempo a latir.
_LATIDOS_FIRMES = 2

_PROCESOS = llave("presencia", "procesos")


class Arriendos:
    """Recién vuelto Redis, los demás pueden no haber latido aún: de ellos no se concluye nada."""

    def __init__(self, enlace: Enlace) -> None:
        self._enlace = enlace
        self._latidos = 0
        self._ultimo = 0.0
        self._fallo_visto = 0.0

    def renovar(self) -> bool:
        """Renueva el de este proceso; `True` si ya se puede concluir algo de los demás."""
        ahora, fallo = time.time(), self._enlace.ultimo_fallo
        nuevo = self._enlace.probar(
            lambda: self._enlace.redis.zadd(_PROCESOS, {self._enlace.proceso: ahora + ARRIENDO})
        )
        # Este proceso o la máquina entera estuvieron parados, sin que fallara nada.
        parado = ahora - self._ultimo > ARRIENDO / 2
        if nuevo or parado or fallo != self._fallo_visto:
            self._latidos = 0
        self._ultimo, self._fallo_visto = ahora, fallo
        firme = self._firme
        self._latidos += 1
        return firme

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
        """Los arriendos de todos; `redis` puede ser un tubo, y entonces salen con lo demás."""
        return redis.zrange(_PROCESOS, 0, -1, withscores=True)

    def vivos_segun(
        self, arriendos: Iterable[tuple[str, float]], procesos: Collection[str]
    ) -> set[str]:
        """Lo mismo que `vivos`, con los arriendos ya leídos."""
        if not self._firme:
            return set(procesos)
        ahora = time.time()
        return {p for p, hasta in arriendos if hasta > ahora}.intersection(procesos)

    def todos(self) -> list[str]:
        """Los que tienen arriendo, también vencido."""
        return list(self._enlace.llamar(lambda: self._enlace.redis.zrange(_PROCESOS, 0, -1)))

    def vencidos(self) -> list[str]:
        """Los que dejaron de renovar, hasta que alguien les quita el arriendo."""
        ahora = time.time()
        return list(
            self._enlace.llamar(lambda: self._enlace.redis.zrangebyscore(_PROCESOS, "-inf", ahora))
        )

    def quitar(self, muerto: str) -> None:
        self._enlace.llamar(lambda: self._enlace.redis.zrem(_PROCESOS, muerto))
