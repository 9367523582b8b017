"""Cuánto se ha gastado en el último rato, en todos los procesos."""

from __future__ import annotations

import time

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import RedisError

from mensajeria.entre_procesos.enlace import Enlace, llave


class Ventanas:
    """Ventanas que se mueven con el reloj. Sin Redis, o con él caído, cuenta este proceso."""

    def __init__(self, enlace: Enlace | None) -> None:
        self._enlace = enlace
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._comun: MovingWindowRateLimiter | None = None
        if enlace is not None:
            en_redis = RedisStorage(
                enlace.url,
                connection_pool=enlace.redis.connection_pool,
                key_prefix=llave("limites"),
            )
            self._comun = MovingWindowRateLimiter(en_redis)

    def gastar(self, limite: RateLimitItem, clave: str) -> float | None:
        """Cuenta una vez si cabe, y es `None`; si no, en cuántos segundos cabrá."""
        return self._pedir(limite, clave, gastando=True)

    def mirar(self, limite: RateLimitItem, clave: str) -> float | None:
        """Lo mismo, sin contarla."""
        return self._pedir(limite, clave, gastando=False)

    def _pedir(self, limite: RateLimitItem, clave: str, *, gastando: bool) -> float | None:
        comun = self._comun
        if self._enlace is not None and comun is not None:
            try:
                return self._enlace.llamar(lambda: _espera(comun, limite, clave, gastando))
            except RedisError:
                pass
        return _espera(self._local, limite, clave, gastando)


def _espera(
    limitador: MovingWindowRateLimiter, limite: RateLimitItem, clave: str, gastando: bool
) -> float | None:
    if (limitador.hit if gastando else limitador.test)(limite, clave):
        return None
    libre = limitador.get_window_stats(limite, clave).reset_time
    return max(0.1, round(libre - time.time(), 1))
