"""Límites de ritmo por persona y dirección, comunes si hay Redis (contrato, sección 3)."""

from __future__ import annotations

import functools
import logging
import time

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

from mensajeria.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.limites")

# Tras un fallo de Redis se cuenta en memoria este rato antes de volver a probar, en segundos.
_DESCANSO = 5.0


@functools.cache
def _local() -> RateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


@functools.cache
def _comun() -> RateLimiter | None:
    if not settings.REDIS_URL:
        return None
    almacen: Storage = RedisStorage(
        settings.REDIS_URL, key_prefix="servitech:limites", socket_timeout=0.5
    )
    return MovingWindowRateLimiter(almacen)


_redis_callado_hasta = 0.0


def _gastar(limite: RateLimitItem, clave: str, mirar: bool = False) -> float | None:
    """`None` si cabe; si no, en cuántos segundos cabrá. Con Redis caído cuenta este proceso."""
    global _redis_callado_hasta
    comun = _comun()
    if comun is not None and time.monotonic() >= _redis_callado_hasta:
        try:
            return _probar(comun, limite, clave, mirar)
        except Exception:
            _redis_callado_hasta = time.monotonic() + _DESCANSO
            registro.warning("Redis no responde: los límites se cuentan en este proceso")
    return _probar(_local(), limite, clave, mirar)


def _probar(limitador: RateLimiter, limite: RateLimitItem, clave: str, mirar: bool) -> float | None:
    if (limitador.test if mirar else limitador.hit)(limite, clave):
        return None
    libre = limitador.get_window_stats(limite, clave).reset_time
    return max(0.1, round(libre - time.time(), 1))


def _negar(mensaje: str, espera: float) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.RATE_LIMITED, mensaje, reintentar_en=espera)


def gastar_mensaje(usuario_id: str) -> None:
    """Cuenta un mensaje; RATE_LIMITED con `reintentar_en` si pasa de `MENSAJES_POR_MINUTO`."""
    espera = _gastar(RateLimitItemPerMinute(settings.MENSAJES_POR_MINUTO), f"m:{usuario_id}")
    if espera is not None:
        raise _negar("Límite de mensajes excedido", espera)


def _ingresos() -> RateLimitItem:
    return RateLimitItemPerMinute(settings.INGRESOS_FALLIDOS_POR_MINUTO)


def revisar_ingreso(nombre: str, direccion: str) -> None:
    """RATE_LIMITED si ese nombre desde esa dirección ha fallado demasiado en el último minuto."""
    espera = _gastar(_ingresos(), f"i:{nombre}:{direccion}", mirar=True)
    if espera is not None:
        raise _negar("Demasiados intentos fallidos", espera)


def anotar_ingreso_fallido(nombre: str, direccion: str) -> None:
    _gastar(_ingresos(), f"i:{nombre}:{direccion}")


class Cubo:
    """El ritmo de eventos de una persona en este proceso: sumas y restas, sin esperar a nadie.

    Deja pasar `EVENTOS_POR_SEGUNDO` de continuo y ráfagas de diez veces eso.
    """

    __slots__ = ("_fichas", "_ritmo", "_tope", "_visto")

    def __init__(self) -> None:
        self._ritmo = float(settings.EVENTOS_POR_SEGUNDO)
        self._tope = self._ritmo * 10
        self._fichas = self._tope
        self._visto = time.monotonic()

    def gastar(self) -> None:
        """Cuenta un evento; RATE_LIMITED si no queda sitio."""
        ahora = time.monotonic()
        self._fichas = min(self._tope, self._fichas + (ahora - self._visto) * self._ritmo)
        self._visto = ahora
        if self._fichas < 1:
            raise _negar("Límite de eventos excedido", round((1 - self._fichas) / self._ritmo, 3))
        self._fichas -= 1
