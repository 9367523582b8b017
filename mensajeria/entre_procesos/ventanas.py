"""Cuánto se ha gastado en el último minuto, en todos los procesos."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import NamedTuple

from redis import RedisError

from mensajeria.entre_procesos.enlace import Enlace, llave

SEGUNDOS = 60.0
# Con más claves que estas se olvidan las que no tienen nada gastado.
_MAX_CLAVES = 10_000

# Por clave, los instantes de lo gastado, el más viejo primero, con el reloj de Redis. Devuelve
# cuánto cabe de cada una y cuánto falta para que quepa más; gasta lo que cabe. Antes de negar se
# mira si el reloj retrocedió: lo gastado después de ahora se da por gastado ahora.
_GASTAR = """
local t = redis.call('TIME')
local ahora = t[1] + t[2] / 1000000
local tope, segundos = tonumber(ARGV[1]), tonumber(ARGV[2])
local dicho = {}
for i, clave in ipairs(KEYS) do
  local pedidas = tonumber(ARGV[i + 2])
  local primera = redis.call('LINDEX', clave, 0)
  while primera and tonumber(primera) <= ahora - segundos do
    redis.call('LPOP', clave)
    primera = redis.call('LINDEX', clave, 0)
  end
  local libres = math.max(0, tope - redis.call('LLEN', clave))
  if libres < pedidas then
    local n = -1
    local una = redis.call('LINDEX', clave, n)
    while una and tonumber(una) > ahora do
      redis.call('LSET', clave, n, string.format('%.6f', ahora))
      n = n - 1
      una = redis.call('LINDEX', clave, n)
    end
    primera = redis.call('LINDEX', clave, 0)
  end
  local caben = math.min(pedidas, libres)
  for _ = 1, caben do redis.call('RPUSH', clave, string.format('%.6f', ahora)) end
  if caben > 0 then redis.call('EXPIRE', clave, math.ceil(segundos)) end
  dicho[2 * i - 1] = caben
  dicho[2 * i] = string.format('%.3f', primera and tonumber(primera) + segundos - ahora or segundos)
end
return dicho
"""


class Gasto(NamedTuple):
    """Cuántas cupieron, y en cuántos segundos cabrá otra si ya no caben más."""

    cabidas: int
    espera: float


class Ventanas:
    """Ventanas que se mueven con el reloj. Sin Redis, o con él caído, cuenta este proceso."""

    def __init__(self, enlace: Enlace | None) -> None:
        self._enlace = enlace
        self._locales = _Locales()
        self._gastar = enlace.redis.register_script(_GASTAR) if enlace is not None else None

    def gastar(self, tope: int, cuantas: Mapping[str, int]) -> dict[str, Gasto]:
        """Cuenta de cada clave las que quepan, en un solo viaje."""
        if self._enlace is not None and self._gastar is not None:
            guion = self._gastar
            llaves = [_de(clave) for clave in cuantas]
            try:
                dicho = self._enlace.llamar(
                    lambda: guion(llaves, [tope, SEGUNDOS, *cuantas.values()])
                )
                pares = zip(dicho[::2], map(float, dicho[1::2]), strict=True)
                return {c: Gasto(*par) for c, par in zip(cuantas, pares, strict=True)}
            except RedisError:
                pass
        return {clave: self._locales.gastar(tope, clave, n) for clave, n in cuantas.items()}

    def devolver(self, cuantas: Mapping[str, int]) -> None:
        """Lo que se contó y no hacía falta: lo último de cada clave."""
        if self._enlace is not None:
            enlace = self._enlace
            try:
                enlace.llamar(lambda: _devolver(enlace, cuantas))
                return
            except RedisError:
                pass
        for clave, n in cuantas.items():
            self._locales.devolver(clave, n)


def _de(clave: str) -> str:
    return llave("gastado", clave)


def _devolver(enlace: Enlace, cuantas: Mapping[str, int]) -> None:
    with enlace.redis.pipeline(transaction=False) as tanda:
        for clave, n in cuantas.items():
            for _ in range(n):
                tanda.rpop(_de(clave))
        tanda.execute()


class _Locales:
    def __init__(self) -> None:
        self._cerrojo = threading.Lock()
        self._gastadas: defaultdict[str, deque[float]] = defaultdict(deque)

    def gastar(self, tope: int, clave: str, cuantas: int) -> Gasto:
        ahora = time.monotonic()
        with self._cerrojo:
            if len(self._gastadas) > _MAX_CLAVES:
                self._olvidar(ahora)
            suyas = self._gastadas[clave]
            while suyas and suyas[0] <= ahora - SEGUNDOS:
                suyas.popleft()
            cabidas = min(cuantas, max(0, tope - len(suyas)))
            suyas.extend([ahora] * cabidas)
            return Gasto(cabidas, suyas[0] + SEGUNDOS - ahora if suyas else SEGUNDOS)

    def devolver(self, clave: str, cuantas: int) -> None:
        with self._cerrojo:
            suyas = self._gastadas[clave]
            for _ in range(min(cuantas, len(suyas))):
                suyas.pop()

    def _olvidar(self, ahora: float) -> None:
        viejas = [c for c, suyas in self._gastadas.items() if _vacia(suyas, ahora)]
        for clave in viejas:
            del self._gastadas[clave]


def _vacia(suyas: deque[float], ahora: float) -> bool:
    return not suyas or suyas[-1] <= ahora - SEGUNDOS
