"""El ritmo de cada persona, que se igualan los procesos cada poco.

Son dos: el de eventos, en el que lo caro pesa más, y el de lo que busca y no existe o no es suyo.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.conf import settings

from mensajeria.entre_procesos.enlace import Enlace, llave
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

# De cuántos segundos de ritmo es la mayor ráfaga, y la mayor deuda de lo que se cobra tras leerlo.
RAFAGA = 10
# Lo que se lee y se envía por cada evento de más que cuesta. Una página de cien mensajes corrientes
# son once, y un `unirse_conversacion` con todo lo que cabe, cuarenta o cien.
FILAS_POR_EVENTO = 50
BYTES_POR_EVENTO = 8 * 1024
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


class Ritmo(NamedTuple):
    """`por_segundo` de continuo y `de_golpe` de una vez; `exceso`, lo que se dice a quien pasa."""

    por_segundo: float
    de_golpe: float
    exceso: str


# De quien aún no se sabe quién es: lo suyo se hace por turnos, y no se cobra.
SIN_FIN = Ritmo(math.inf, math.inf, "")


def de_eventos() -> Ritmo:
    """`EVENTOS_POR_SEGUNDO`, y ráfagas de diez veces eso."""
    ritmo = float(settings.EVENTOS_POR_SEGUNDO)
    return Ritmo(ritmo, ritmo * RAFAGA, "Límite de eventos excedido")


def de_fallidas() -> Ritmo:
    """`BUSQUEDAS_FALLIDAS_POR_MINUTO`, seguidas o repartidas."""
    tope = float(settings.BUSQUEDAS_FALLIDAS_POR_MINUTO)
    return Ritmo(tope / 60, tope, "Demasiadas veces se pidió lo que no existe o no es tuyo")


def peso(filas: int, bytes_: int) -> int:
    """Los eventos de más que cuesta haber leído y enviado eso."""
    return filas // FILAS_POR_EVENTO + bytes_ // BYTES_POR_EVENTO


class Cubo:
    """Lo que a una persona le queda de un ritmo, contado con sumas y restas, sin esperar a nadie.

    Se usa desde el bucle de eventos.
    """

    __slots__ = ("_exceso", "_fichas", "_gastados", "_visto", "clave", "gastadas", "ritmo", "tope")

    def __init__(
        self, clave: str = "", gastados: list[Cubo] | None = None, ritmo: Ritmo | None = None
    ) -> None:
        """`gastados`: donde se apunta cuando gasta algo que los demás procesos aún no saben."""
        self.clave = clave
        self._gastados = gastados
        self.ritmo, self.tope, self._exceso = ritmo or de_eventos()
        self._fichas = self.tope
        self._visto = time.monotonic()
        self.gastadas = 0

    def _rellenar(self) -> None:
        ahora = time.monotonic()
        if ahora > self._visto:
            self._fichas = min(self.tope, self._fichas + (ahora - self._visto) * self.ritmo)
            self._visto = ahora

    def exigir(self) -> None:
        """RATE_LIMITED si no queda sitio; no cuenta nada."""
        if self._fichas >= 1:
            return
        self._rellenar()
        if self._fichas < 1:
            pausa = max(0.0, self._visto - time.monotonic())
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED,
                self._exceso,
                # Cero sería decir que ya cabe.
                reintentar_en=max(0.001, round(pausa + (1 - self._fichas) / self.ritmo, 3)),
            )

    def gastar(self) -> None:
        """Cuenta uno; RATE_LIMITED si no queda sitio."""
        self._rellenar()
        self.exigir()
        self._contar(1)

    def cobrar(self, cuantos: int) -> None:
        """Cuenta lo que ya se hizo, quede o no: se deben como mucho `RAFAGA` segundos."""
        if not cuantos:
            return
        self._rellenar()
        self._contar(cuantos)
        self._fichas = max(-self.ritmo * RAFAGA, self._fichas)

    def _contar(self, cuantos: int) -> None:
        self._fichas -= cuantos
        if not self.gastadas and self._gastados is not None:
            self._gastados.append(self)
        self.gastadas += cuantos

    def igualar(self, quedan: float) -> None:
        """Lo que queda entre todos los procesos, menos lo gastado aquí desde que se preguntó.

        Lo que aquí se debe se sigue debiendo; lo que deben otros no se copia.
        """
        self._rellenar()
        quedan -= self.gastadas
        self._fichas = min(self._fichas, max(0.0, quedan))
        if quedan < 0:
            self._visto = time.monotonic() + min(-quedan / self.ritmo, MAX_PAUSA)

    @property
    def lleno(self) -> bool:
        self._rellenar()
        return self._fichas >= self.tope


class Cubos:
    """El de cada persona en este proceso: el mismo para todo lo que pide."""

    def __init__(
        self,
        enlace: Enlace | None,
        nombre: str = "eventos",
        ritmo: Callable[[], Ritmo] = de_eventos,
    ) -> None:
        self._enlace = enlace
        self._nombre = nombre
        self._ritmo = ritmo
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
            cubo = self._cubos[usuario_id] = Cubo(usuario_id, gastados, self._ritmo())
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
        gastos = [(cubo, cubo.gastadas) for cubo in cubos]
        try:
            quedan = enlace.llamar(lambda: self._restar(enlace, gastos))
        except BaseException:
            self._gastados += cubos
            raise
        for cubo, (_, gastadas), resto in zip(cubos, gastos, quedan, strict=True):
            cubo.gastadas -= gastadas
            cubo.igualar(resto)
            if cubo.gastadas:
                self._gastados.append(cubo)

    def _restar(self, enlace: Enlace, gastos: Sequence[tuple[Cubo, int]]) -> list[float]:
        """Lo que le queda a cada uno entre todos, tras esos gastos."""
        guion = enlace.redis.register_script(_GASTAR)
        with enlace.redis.pipeline(transaction=False) as tubo:
            for cubo, gastadas in gastos:
                datos = [cubo.ritmo, cubo.tope, gastadas]
                guion([llave("limites", self._nombre, cubo.clave)], datos, client=tubo)
            return [float(resto) for resto in tubo.execute()]
