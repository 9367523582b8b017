"""Límites de ritmo por persona y dirección, comunes si hay Redis (docs/contrato.md, sección 3)."""

from __future__ import annotations

import functools
import logging
import time
from typing import Any

import redis
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter, RateLimiter

from mensajeria.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.limites")

# Tras un fallo de Redis se cuenta en memoria este rato antes de volver a probar, en segundos.
_DESCANSO = 5.0
# De cuántos segundos de ritmo es la mayor ráfaga.
RAFAGA = 10
MAX_CUBOS = 10_000


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
    """El ritmo de eventos de una persona, contado con sumas y restas, sin esperar a nadie.

    Deja pasar `EVENTOS_POR_SEGUNDO` de continuo y ráfagas de diez veces eso.
    """

    __slots__ = ("_fichas", "_ritmo", "_tope", "_visto", "gastadas")

    def __init__(self) -> None:
        self._ritmo = float(settings.EVENTOS_POR_SEGUNDO)
        self._tope = self._ritmo * RAFAGA
        self._fichas = self._tope
        self._visto = time.monotonic()
        self.gastadas = 0

    def _rellenar(self) -> None:
        ahora = time.monotonic()
        self._fichas = min(self._tope, self._fichas + (ahora - self._visto) * self._ritmo)
        self._visto = ahora

    def gastar(self) -> None:
        """Cuenta un evento; RATE_LIMITED si no queda sitio."""
        self._rellenar()
        if self._fichas < 1:
            raise _negar("Límite de eventos excedido", round((1 - self._fichas) / self._ritmo, 3))
        self._fichas -= 1
        self.gastadas += 1

    def igualar(self, quedan: float) -> None:
        """Lo que queda entre todos los procesos, menos lo gastado aquí desde que se preguntó."""
        self._rellenar()
        self._fichas = min(self._fichas, quedan - self.gastadas)

    @property
    def lleno(self) -> bool:
        self._rellenar()
        return self._fichas >= self._tope


_cubos: dict[str, Cubo] = {}


def cubo_de(usuario_id: str) -> Cubo:
    """El de esa persona en este proceso: el mismo para todas sus conexiones."""
    if len(_cubos) > MAX_CUBOS:
        for clave in [k for k, c in _cubos.items() if c.lleno]:
            del _cubos[clave]
    return _cubos.setdefault(usuario_id, Cubo())


# El mismo cubo, en Redis: lo que gasta cada proceso se resta de lo que queda para todos.
_GASTAR = """
local estado = redis.call('HMGET', KEYS[1], 'fichas', 'visto')
local ahora, ritmo, tope, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local fichas = tonumber(estado[1] or tope)
fichas = math.min(tope, fichas + (ahora - tonumber(estado[2] or ahora)) * ritmo) - tonumber(n)
redis.call('HSET', KEYS[1], 'fichas', fichas, 'visto', ahora)
redis.call('EXPIRE', KEYS[1], 60)
return tostring(fichas)
"""


@functools.cache
def _redis() -> tuple[redis.Redis, Any]:
    cliente = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, decode_responses=True)
    return cliente, cliente.register_script(_GASTAR)


def igualar_cubos() -> None:
    """Suma en Redis lo gastado en este proceso y toma lo que queda entre todos."""
    usados = [(k, c, c.gastadas) for k, c in list(_cubos.items()) if c.gastadas]
    if not usados or not settings.REDIS_URL:
        return
    ritmo = float(settings.EVENTOS_POR_SEGUNDO)
    cliente, guion = _redis()
    with cliente.pipeline(transaction=False) as tubo:
        for clave, _, gastadas in usados:
            llave = f"servitech:limites:eventos:{clave}"
            guion([llave], [time.time(), ritmo, ritmo * RAFAGA, gastadas], client=tubo)
        quedan = tubo.execute()
    for (_, cubo, gastadas), resto in zip(usados, quedan, strict=True):
        cubo.gastadas -= gastadas
        cubo.igualar(float(resto))
