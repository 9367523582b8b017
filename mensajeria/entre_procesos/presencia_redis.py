"""La presencia entre varios procesos: un conjunto por clave con los que la sostienen."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from redis import RedisError

from mensajeria.entre_procesos.arriendos import ARRIENDO, Arriendos
from mensajeria.entre_procesos.cuentas import Cuentas
from mensajeria.entre_procesos.enlace import Enlace, llave
from mensajeria.entre_procesos.presencia import Clave, Totales
from mensajeria.entre_procesos.turnos import Turnos


def _de_sockets() -> str:
    return llave("presencia", "sockets")


def _de_proceso(nombre: str) -> str:
    return llave("presencia", "de", nombre)


def _de_clave(clave: Clave) -> str:
    return llave("presencia", "k", clave.texto)


def _de_unidos(conversacion: str) -> str:
    return llave("presencia", "en", conversacion)


def _de_recuento(conversacion: str) -> str:
    return llave("presencia", "recuento", conversacion)


# Un proceso muerto y aún no barrido cuenta como presente: si su gente vuelve antes del barrido, ni
# se fue ni ha vuelto. Cada clave son dos llaves (la suya, y los unidos de su conversación o nada) y
# dos datos (su texto y su usuario).
_ANOTAR = """
local nuevas = {}
for i = 2, #KEYS, 2 do
  local antes = redis.call('SCARD', KEYS[i]) - redis.call('SISMEMBER', KEYS[i], ARGV[1])
  redis.call('SADD', KEYS[i], ARGV[1])
  redis.call('SADD', KEYS[1], ARGV[i])
  if KEYS[i + 1] ~= '' then redis.call('SADD', KEYS[i + 1], ARGV[i + 1]) end
  nuevas[i / 2] = antes == 0 and 1 or 0
end
return nuevas
"""
_BORRAR = """
local solas = {}
for i = 2, #KEYS, 2 do
  redis.call('SREM', KEYS[i], ARGV[1])
  redis.call('SREM', KEYS[1], ARGV[i])
  local quedan = redis.call('SCARD', KEYS[i])
  if quedan == 0 and KEYS[i + 1] ~= '' then redis.call('SREM', KEYS[i + 1], ARGV[i + 1]) end
  solas[i / 2] = quedan == 0 and 1 or 0
end
return solas
"""
# De cada conversación, dos llaves: hasta cuándo no toca decirlo otra vez, y sus unidos.
_CONTAR = """
local t = redis.call('TIME')
local ahora = t[1] + t[2] / 1000000
local cuentas = {}
for i = 1, #KEYS, 2 do
  local hasta = tonumber(redis.call('GET', KEYS[i]) or '0')
  if hasta > ahora and hasta <= ahora + 1 then
    cuentas[(i + 1) / 2] = -1
  else
    redis.call('SET', KEYS[i], string.format('%.6f', ahora + 1), 'EX', 1)
    cuentas[(i + 1) / 2] = redis.call('SCARD', KEYS[i + 1])
  end
end
return cuentas
"""
# Mientras corre un guion, Redis no atiende a nadie más.
_CLAVES_POR_GUION = 500
# De las que Redis perdió, las que se reponen y anuncian en cada latido: cada una es un aviso que
# reciben todos los procesos, y todas de golpe los pararían.
_REPUESTAS_POR_LATIDO = 1_000
# Contar a todos es traerlos de Redis: se hace de uno en uno, y vale para quien pregunte enseguida.
_VALEN_LOS_TOTALES = 1.0


class PresenciaEnRedis:
    """Lo que no llegó a Redis lo repone el siguiente latido que sí llegue.

    `anotar`, `borrar` y `latir` se llaman de uno en uno; lo demás, desde cualquier hilo.
    """

    def __init__(
        self, enlace: Enlace, arriendos: Arriendos, turnos: Turnos, cuentas: Cuentas
    ) -> None:
        self.sockets = 0
        self.por_contar: set[str] = set()
        self._enlace = enlace
        self._arriendos = arriendos
        self._turnos = turnos
        self._cuentas = cuentas
        self._propias: set[Clave] = set()
        # Las que se soltaron sin saber si alguien más las sostiene.
        self._dudosas: set[Clave] = set()
        # Las que Redis perdió, hasta que se le dan otra vez.
        self._por_reponer: deque[Clave] = deque()
        # Lo que hay que anunciar, hasta que un latido entero lo diga.
        self._llegan: list[Clave] = []
        self._idas: list[Clave] = []
        self._totales = Totales()
        self._totales_hasta = -math.inf
        self._contando = threading.Lock()
        self._anotar = enlace.redis.register_script(_ANOTAR)
        self._borrar = enlace.redis.register_script(_BORRAR)
        self._contar = enlace.redis.register_script(_CONTAR)

    def anotar(self, claves: Iterable[Clave]) -> list[bool]:
        """Por cada clave, si es la primera vez en todos los procesos, o aquí se la dio por ida."""
        claves = list(claves)
        dudosas = self._dudosas.intersection(claves)
        self._dudosas -= dudosas
        self._propias.update(claves)
        nuevas = self._ejecutar(self._anotar, claves, self._enlace.proceso)
        return [nueva or c in dudosas for c, nueva in zip(claves, nuevas, strict=True)]

    def borrar(self, claves: Iterable[Clave]) -> list[bool]:
        """Por cada clave, si nadie más la sostiene ya."""
        claves = list(claves)
        self._propias.difference_update(claves)
        self._dudosas.update(claves)
        solas = self._ejecutar(self._borrar, claves, self._enlace.proceso)
        self._dudosas.difference_update(claves)
        return solas

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        """Renueva el arriendo; devuelve las claves que llegan y las que se van.

        Se van las de los procesos muertos. Llegan las propias que otro dio por muertas, o que Redis
        perdió, a tandas. Recién vuelto Redis, de los demás no se concluye nada. Luego se aclaran
        las dudosas: se van, o llegan si alguien las sostiene.
        """
        firme = self._arriendos.renovar()
        self._enlace.llamar(
            lambda: self._enlace.redis.hset(_de_sockets(), self._enlace.proceso, self.sockets)
        )
        if not firme:
            self._igualar()
            self._cuentas.reponer()
        self._reponer()
        if firme:
            self._enterrar_muertos()
            self._aclarar()
        llegan, idas = self._llegan, self._idas
        self._llegan, self._idas = [], []
        return llegan, idas

    def _igualar(self) -> None:
        """Lo apuntado en Redis a nombre de este proceso pasa a ser lo que de verdad sostiene: lo
        que sobra, ya; lo que falta, quién está antes que dónde, lo hará `_reponer`.
        """
        apuntadas = self._apuntadas(self._enlace.proceso)
        sobran = list(apuntadas - self._propias)
        self._dudosas.update(sobran)
        self._ejecutar(self._borrar, sobran, self._enlace.proceso)
        faltan = self._propias - apuntadas
        self._por_reponer = deque(sorted(faltan, key=lambda clave: bool(clave.conversacion)))

    def _reponer(self) -> None:
        tanda = list(islice(self._por_reponer, _REPUESTAS_POR_LATIDO))
        claves = [c for c in tanda if c in self._propias]
        nuevas = self._ejecutar(self._anotar, claves, self._enlace.proceso)
        self._llegan += [c for c, nueva in zip(claves, nuevas, strict=True) if nueva]
        for _ in tanda:
            self._por_reponer.popleft()

    def _enterrar_muertos(self) -> None:
        for muerto in self._arriendos.vencidos():
            # A medio enterrar, pasado el turno lo termina otro: el arriendo se le quita al final.
            if self._turnos.tomar(f"entierro:{muerto}", math.ceil(ARRIENDO)):
                self._idas += self._enterrar(muerto)
                self._arriendos.quitar(muerto)

    def _enterrar(self, muerto: str) -> list[Clave]:
        claves = list(self._apuntadas(muerto))
        solas = self._ejecutar(self._borrar, claves, muerto)
        self._enlace.llamar(lambda: self._enlace.redis.hdel(_de_sockets(), muerto))
        self._enlace.llamar(lambda: self._enlace.redis.delete(_de_proceso(muerto)))
        return [c for c, sola in zip(claves, solas, strict=True) if sola]

    def _aclarar(self) -> None:
        """Las dudosas que sostiene otro proceso, llegan; las que no sostiene nadie, se van."""
        dudosas = list(self._dudosas)
        solas = self._ejecutar(self._borrar, dudosas, self._enlace.proceso)
        self._dudosas.clear()
        for clave, sola in zip(dudosas, solas, strict=True):
            (self._idas if sola else self._llegan).append(clave)

    def en_linea(self, usuarios: Iterable[str]) -> set[str]:
        claves = [Clave(u) for u in usuarios]
        try:
            estan = self._enlace.llamar(lambda: self._existen(claves)) if claves else []
        except RedisError:
            return set()
        return {c.usuario for c, esta in zip(claves, estan, strict=True) if esta}

    def unidos(self, conversacion: str) -> list[str]:
        try:
            return sorted(
                self._enlace.llamar(lambda: self._enlace.redis.smembers(_de_unidos(conversacion)))
            )
        except RedisError:
            return []

    def conectados(self, conversaciones: Sequence[str]) -> dict[str, int]:
        if not conversaciones:
            return {}
        try:
            cuentas = self._enlace.llamar(lambda: self._tamanos(map(_de_unidos, conversaciones)))
        except RedisError:
            cuentas = [0] * len(conversaciones)
        return dict(zip(conversaciones, cuentas, strict=True))

    def recuento(self, conversaciones: Sequence[str]) -> dict[str, int]:
        cuentas: dict[str, int] = {}
        for i in range(0, len(conversaciones), _CLAVES_POR_GUION):
            ids = conversaciones[i : i + _CLAVES_POR_GUION]
            llaves = [de(id_) for id_ in ids for de in (_de_recuento, _de_unidos)]
            contadas = self._enlace.llamar(partial(self._contar, llaves))
            cuentas |= {id_: n for id_, n in zip(ids, contadas, strict=True) if n >= 0}
        return cuentas

    def totales(self) -> Totales:
        with self._contando:
            if time.monotonic() >= self._totales_hasta:
                self._totales = self._contar_a_todos()
                self._totales_hasta = time.monotonic() + _VALEN_LOS_TOTALES
            return self._totales

    def _contar_a_todos(self) -> Totales:
        claves: set[Clave] = set()
        for uno in self._arriendos.todos():
            claves |= self._apuntadas(uno)
        por_proceso = self._enlace.llamar(lambda: self._enlace.redis.hgetall(_de_sockets()))
        por_proceso[self._enlace.proceso] = self.sockets
        return Totales(
            usuarios=len({c.usuario for c in claves if not c.conversacion}),
            conversaciones=len({c.conversacion for c in claves if c.conversacion}),
            sockets=sum(map(int, por_proceso.values())),
        )

    def _apuntadas(self, de: str) -> set[Clave]:
        textos = self._enlace.llamar(lambda: self._enlace.redis.smembers(_de_proceso(de)))
        return set(map(Clave.de, textos))

    def _existen(self, claves: Iterable[Clave]) -> list[int]:
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for clave in claves:
                tubo.exists(_de_clave(clave))
            return list(tubo.execute())

    def _tamanos(self, llaves: Iterable[str]) -> list[int]:
        with self._enlace.redis.pipeline(transaction=False) as tubo:
            for una in llaves:
                tubo.scard(una)
            return list(tubo.execute())

    def _ejecutar(self, guion: Any, claves: Sequence[Clave], de: str) -> list[bool]:
        """Ese guion con cada clave, a nombre de ese proceso: un viaje por cada quinientas."""
        hechas: list[bool] = []
        for i in range(0, len(claves), _CLAVES_POR_GUION):
            suyas = claves[i : i + _CLAVES_POR_GUION]
            hechas += self._enlace.llamar(partial(self._correr, guion, suyas, de))
        return hechas

    def _correr(self, guion: Any, claves: Sequence[Clave], de: str) -> list[bool]:
        llaves, datos = [_de_proceso(de)], [de]
        for c in claves:
            llaves += (_de_clave(c), _de_unidos(c.conversacion) if c.conversacion else "")
            datos += (c.texto, c.usuario)
        # Sin tubo: con él, redis-py pregunta antes si el guion está.
        return [bool(resultado) for resultado in guion(llaves, datos)]
