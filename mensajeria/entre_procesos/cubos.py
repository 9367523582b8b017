"""El ritmo de eventos de cada persona, que se igualan los procesos cada poco."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings

from mensajeria.entre_procesos.enlace import Enlace, llave
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

# De cuántos segundos de ritmo es la mayor ráfaga.
RAFAGA = 10
MAX_CUBOS = 10_000
# Si entre todos se pasaron, lo que un proceso deja de rellenar el suyo: hasta que se igualen otra
# vez. La deuda no se copia.
MAX_PAUSA = 0.5

# El mismo cubo, en Redis y con su reloj: lo que gasta cada proceso se resta de lo que queda para
# todos. Se debe, como mucho, un segundo; si el reloj retrocede no ha pasado nada.
_GASTAR = """
local t = redis.call('TIME')
local ahora = t[1] + t[2] / 1000000
local ritmo, tope, n = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local estado = redis.call('HMGET', KEYS[1], 'fichas', 'visto')
local pasado = math.max(0, ahora - tonumber(estado[2] or ahora))
local fichas = math.max(-ritmo, tonumber(estado[1] or tope))
fichas = math.max(-ritmo, math.min(tope, fichas + pasado * ritmo) - n)
redis.call('HSET', KEYS[1], 'fichas', fichas, 'visto', string.format('%.6f', ahora))
redis.call('EXPIRE', KEYS[1], 60)
return tostring(fichas)
"""


class Cubo:
    """El ritmo de eventos de una persona, contado con sumas y restas, sin esperar a nadie.

    Deja pasar `EVENTOS_POR_SEGUNDO` de continuo y ráfagas de diez veces eso.
    """

    __slots__ = ("_fichas", "_gastados", "_ritmo", "_tope", "_visto", "clave", "gastadas")

    def __init__(self, clave: str = "", gastados: list[Cubo] | None = None) -> None:
        """`gastados`: donde se apunta cuando gasta algo que los demás procesos aún no saben."""
        self.clave = clave
        self._gastados = gastados
        self._ritmo = float(settings.EVENTOS_POR_SEGUNDO)
        self._tope = self._ritmo * RAFAGA
        self._fichas = self._tope
        self._visto = time.monotonic()
        self.gastadas = 0

    def _rellenar(self) -> None:
        ahora = time.monotonic()
        if ahora > self._visto:
            self._fichas = min(self._tope, self._fichas + (ahora - self._visto) * self._ritmo)
            self._visto = ahora

    def gastar(self) -> None:
        """Cuenta un evento; RATE_LIMITED si no queda sitio."""
        self._rellenar()
        if self._fichas < 1:
            pausa = max(0.0, self._visto - time.monotonic())
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED,
                "Límite de eventos excedido",
                # Cero sería decir que ya cabe.
                reintentar_en=max(0.001, round(pausa + (1 - self._fichas) / self._ritmo, 3)),
            )
        self._fichas -= 1
        if not self.gastadas and self._gastados is not None:
            self._gastados.append(self)
        self.gastadas += 1

    def igualar(self, quedan: float) -> None:
        """Lo que queda entre todos los procesos, menos lo gastado aquí desde que se preguntó."""
        self._rellenar()
        quedan -= self.gastadas
        self._fichas = max(0.0, min(self._fichas, quedan))
        if quedan < 0:
            self._visto = time.monotonic() + min(-quedan / self._ritmo, MAX_PAUSA)

    @property
    def lleno(self) -> bool:
        self._rellenar()
        return self._fichas >= self._tope


class Cubos:
    """El de cada persona en este proceso: el mismo para todas sus conexiones."""

    def __init__(self, enlace: Enlace | None) -> None:
        self._enlace = enlace
        self._cubos: dict[str, Cubo] = {}
        # Los que han gastado desde la última vez: los demás no cuestan nada.
        self._gastados: list[Cubo] = []

    def de(self, usuario_id: str) -> Cubo:
        if len(self._cubos) > MAX_CUBOS:
            for clave in [k for k, c in self._cubos.items() if c.lleno]:
                del self._cubos[clave]
        cubo = self._cubos.get(usuario_id)
        if cubo is None:
            gastados = None if self._enlace is None else self._gastados
            cubo = self._cubos[usuario_id] = Cubo(usuario_id, gastados)
        return cubo

    @property
    def por_igualar(self) -> bool:
        return bool(self._gastados)

    def igualar(self) -> None:
        """Suma en Redis lo gastado en este proceso y toma lo que queda entre todos."""
        enlace, cubos = self._enlace, self._gastados.copy()
        del self._gastados[: len(cubos)]
        if not cubos or enlace is None:
            return
        gastos = [(cubo.clave, cubo.gastadas) for cubo in cubos]
        try:
            quedan = enlace.llamar(lambda: _restar(enlace, gastos))
        except BaseException:
            self._gastados += cubos
            raise
        for cubo, (_, gastadas), resto in zip(cubos, gastos, quedan, strict=True):
            cubo.gastadas -= gastadas
            cubo.igualar(resto)
            if cubo.gastadas:
                self._gastados.append(cubo)


def _restar(enlace: Enlace, gastos: Sequence[tuple[str, int]]) -> list[float]:
    """Lo que le queda a cada uno entre todos, tras esos gastos."""
    ritmo = float(settings.EVENTOS_POR_SEGUNDO)
    guion = enlace.redis.register_script(_GASTAR)
    with enlace.redis.pipeline(transaction=False) as tubo:
        for clave, gastadas in gastos:
            datos = [ritmo, ritmo * RAFAGA, gastadas]
            guion([llave("limites", "eventos", clave)], datos, client=tubo)
        return [float(resto) for resto in tubo.execute()]
