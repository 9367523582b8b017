"""Quién está en línea, en todos los procesos: arriendos, nunca contadores.

Una clave dice algo que un proceso sostiene: `u|ana` (ana tiene aquí alguna conexión) o
`c|conv_1|ana` (alguna está unida a esa conversación). Cada proceso renueva su arriendo; el que
muere de golpe deja de renovar y otro, uno solo, anuncia a los que se fueron con él.
Sin Redis hay un único proceso y basta la memoria.
"""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import redis
from django.conf import settings

from mensajeria import proceso

T = TypeVar("T")

ARRIENDO = 6.0
LATIDO = 2.0
# Tras un fallo, este rato no se llama por lo que se hace sin parar: un Redis colgado no debe ocupar
# los hilos.
_DESCANSO = 2.0
# Con tantos latidos seguidos antes del suyo, a los demás también les ha dado tiempo a latir.
_LATIDOS_FIRMES = 2


class Clave(NamedTuple):
    """`conversacion` vacía: el usuario, sin más."""

    usuario: str
    conversacion: str = ""

    @property
    def texto(self) -> str:
        return f"c|{self.conversacion}|{self.usuario}" if self.conversacion else f"u|{self.usuario}"


def _clave(texto: str) -> Clave:
    tipo, _, resto = texto.partition("|")
    if tipo == "u":
        return Clave(resto)
    conversacion, _, usuario = resto.rpartition("|")
    return Clave(usuario, conversacion)


def _ninguno() -> int:
    return 0


_sockets_aqui: Callable[[], int] = _ninguno


def contar_sockets_con(contar: Callable[[], int]) -> None:
    """Apunta quién sabe cuántos sockets autenticados hay en este proceso."""
    global _sockets_aqui
    _sockets_aqui = contar


class Totales(NamedTuple):
    usuarios: int
    conversaciones: int
    sockets: int


class Almacen(Protocol):
    def anotar(self, claves: Collection[Clave]) -> list[bool]: ...
    def borrar(self, claves: Collection[Clave]) -> list[bool]: ...
    def latir(self) -> tuple[list[Clave], list[Clave]]: ...
    def en_linea(self, usuarios: Collection[str]) -> set[str]: ...
    def unidos(self, conversacion: str) -> list[str]: ...
    def totales(self) -> Totales: ...
    def tomar_turno(self, de: str, segundos: int) -> bool: ...
    def vivos(self, procesos: Collection[str]) -> set[str]: ...
    def contar(self, clave: str, aqui: int) -> int: ...


class EnMemoria:
    """Un solo proceso: lo que él sostiene es todo lo que hay."""

    def __init__(self) -> None:
        self._claves: set[Clave] = set()
        self._cerrojo = threading.Lock()

    def anotar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            nuevas = [c not in self._claves for c in claves]
            self._claves.update(claves)
        return nuevas

    def borrar(self, claves: Collection[Clave]) -> list[bool]:
        with self._cerrojo:
            estaban = [c in self._claves for c in claves]
            self._claves.difference_update(claves)
        return estaban

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        return [], []

    def en_linea(self, usuarios: Collection[str]) -> set[str]:
        with self._cerrojo:
            return {u for u in usuarios if Clave(u) in self._claves}

    def unidos(self, conversacion: str) -> list[str]:
        with self._cerrojo:
            return sorted(c.usuario for c in self._claves if c.conversacion == conversacion)

    def totales(self) -> Totales:
        with self._cerrojo:
            usuarios = {c.usuario for c in self._claves if not c.conversacion}
            conversaciones = {c.conversacion for c in self._claves if c.conversacion}
        return Totales(len(usuarios), len(conversaciones), _sockets_aqui())

    def tomar_turno(self, de: str, segundos: int) -> bool:
        return True

    def vivos(self, procesos: Collection[str]) -> set[str]:
        return set(procesos)

    def contar(self, clave: str, aqui: int) -> int:
        return aqui


_P = "servitech:presencia:"
_UN_DIA = 86_400

# Un proceso muerto y aún no barrido cuenta como presente: si su gente vuelve antes del barrido, ni
# se fue ni ha vuelto.
_ANOTAR = """
local antes = redis.call('SCARD', KEYS[1]) - redis.call('SISMEMBER', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[2])
if KEYS[3] then redis.call('SADD', KEYS[3], ARGV[3]) end
return antes == 0 and 1 or 0
"""
_BORRAR = """
redis.call('SREM', KEYS[1], ARGV[1])
redis.call('SREM', KEYS[2], ARGV[2])
if redis.call('SCARD', KEYS[1]) > 0 then return 0 end
if KEYS[3] then redis.call('SREM', KEYS[3], ARGV[3]) end
return 1
"""


class EnRedis:
    """Conjuntos por clave con los procesos que la sostienen, y un arriendo por proceso."""

    def __init__(self, url: str, proceso_: str | None = None) -> None:
        # Sus tipos mezclan bytes y texto; con `decode_responses` todo es texto.
        self._redis: Any = redis.Redis.from_url(
            url, socket_timeout=0.5, socket_connect_timeout=0.5, decode_responses=True
        )
        self._proceso = proceso_ or proceso.este()
        self._propias: set[Clave] = set()
        # Las que se soltaron sin saber si alguien más las sostiene.
        self._dudosas: set[Clave] = set()
        self._aforos: dict[str, int] = {}
        # Lo que hay que anunciar, hasta que un latido entero lo diga.
        self._llegan: list[Clave] = []
        self._idas: list[Clave] = []
        self._latidos = 0
        self._ultimo = 0.0
        self._callado_hasta = 0.0
        self._anotar = self._redis.register_script(_ANOTAR)
        self._borrar = self._redis.register_script(_BORRAR)

    def _ejecutar(self, guion: Any, claves: Iterable[Clave], de: str) -> list[bool]:
        with self._redis.pipeline(transaction=False) as tubo:
            for c in claves:
                llaves = [f"{_P}k:{c.texto}", f"{_P}de:{de}"]
                if c.conversacion:
                    llaves.append(f"{_P}en:{c.conversacion}")
                guion(llaves, [de, c.texto, c.usuario], client=tubo)
            return [bool(r) for r in tubo.execute()]

    def anotar(self, claves: Collection[Clave]) -> list[bool]:
        """Por cada clave, si es la primera vez en todos los procesos, o aquí se la dio por ida."""
        dudosas = self._dudosas.intersection(claves)
        self._dudosas -= dudosas
        self._propias.update(claves)
        nuevas = self._hablar(lambda: self._ejecutar(self._anotar, claves, self._proceso))
        return [nueva or c in dudosas for c, nueva in zip(claves, nuevas, strict=True)]

    def borrar(self, claves: Collection[Clave]) -> list[bool]:
        """Por cada clave, si nadie más la sostiene ya."""
        self._propias.difference_update(claves)
        self._dudosas.update(claves)
        solas = self._hablar(lambda: self._ejecutar(self._borrar, claves, self._proceso))
        self._dudosas.difference_update(claves)
        return solas

    def _hablar(self, hacer: Callable[[], T]) -> T:
        """Lo que no llegó a Redis lo repone el siguiente latido que sí llegue."""
        if time.monotonic() < self._callado_hasta:
            raise redis.ConnectionError("Redis falló hace un momento")
        return self._intentar(hacer)

    def _intentar(self, hacer: Callable[[], T]) -> T:
        try:
            return hacer()
        except redis.RedisError:
            self._callado_hasta = time.monotonic() + _DESCANSO
            self._latidos = 0
            raise

    def latir(self) -> tuple[list[Clave], list[Clave]]:
        """Renueva el arriendo; devuelve las claves que llegan y las que se van.

        Se van las de los procesos muertos. Llegan las propias que otro dio por muertas, o que Redis
        perdió. Recién vuelto Redis, los demás pueden no haber latido aún: de ellos no se concluye
        nada. Luego se aclaran las dudosas: se van, o llegan si alguien las sostiene.
        """
        self._intentar(self._latir)
        self._callado_hasta = 0.0
        llegan, idas = self._llegan, self._idas
        self._llegan, self._idas = [], []
        return llegan, idas

    def _latir(self) -> None:
        ahora = time.time()
        llave = f"{_P}procesos"
        nuevo = self._redis.zadd(llave, {self._proceso: ahora + ARRIENDO})
        self._redis.hset(f"{_P}sockets", self._proceso, _sockets_aqui())
        # Este proceso o la máquina entera estuvieron parados, sin que fallara nada.
        parado = ahora - self._ultimo > ARRIENDO / 2
        self._ultimo = ahora
        if nuevo or parado:
            self._latidos = 0
        if not self._firme:
            self._llegan += self._igualar()
            self._latidos += 1
            return
        for muerto in self._redis.zrangebyscore(llave, "-inf", ahora):
            # A medio enterrar, pasado el turno lo termina otro: del arriendo se le quita al final.
            if self.tomar_turno(f"entierro:{muerto}", math.ceil(ARRIENDO)):
                self._idas += self._enterrar(muerto)
                self._redis.zrem(llave, muerto)
        siguen, ausentes = self._aclarar()
        self._llegan += siguen
        self._idas += ausentes

    @property
    def _firme(self) -> bool:
        return self._latidos >= _LATIDOS_FIRMES

    def _igualar(self) -> list[Clave]:
        """Lo apuntado en Redis a nombre de este proceso pasa a ser lo que de verdad sostiene."""
        apuntadas = {_clave(t) for t in self._redis.smembers(f"{_P}de:{self._proceso}")}
        faltan, sobran = list(self._propias - apuntadas), list(apuntadas - self._propias)
        self._dudosas.update(sobran)
        self._ejecutar(self._borrar, sobran, self._proceso)
        self._publicar_aforos(list(self._aforos))
        nuevas = self._ejecutar(self._anotar, faltan, self._proceso)
        return [c for c, nueva in zip(faltan, nuevas, strict=True) if nueva]

    def _aclarar(self) -> tuple[list[Clave], list[Clave]]:
        """De las dudosas, las que sostiene otro proceso y las que no sostiene nadie."""
        dudosas = list(self._dudosas)
        solas = dict(
            zip(dudosas, self._ejecutar(self._borrar, dudosas, self._proceso), strict=True)
        )
        self._dudosas.clear()
        return [c for c in dudosas if not solas[c]], [c for c in dudosas if solas[c]]

    def _enterrar(self, muerto: str) -> list[Clave]:
        claves = [_clave(t) for t in self._redis.smembers(f"{_P}de:{muerto}")]
        solas = self._ejecutar(self._borrar, claves, muerto)
        self._redis.hdel(f"{_P}sockets", muerto)
        self._redis.delete(f"{_P}de:{muerto}")
        return [c for c, sola in zip(claves, solas, strict=True) if sola]

    def en_linea(self, usuarios: Collection[str]) -> set[str]:
        return self._hablar(lambda: self._en_linea(usuarios))

    def _en_linea(self, usuarios: Collection[str]) -> set[str]:
        orden = list(usuarios)
        with self._redis.pipeline(transaction=False) as tubo:
            for u in orden:
                tubo.exists(f"{_P}k:{Clave(u).texto}")
            return {u for u, esta in zip(orden, tubo.execute(), strict=True) if esta}

    def unidos(self, conversacion: str) -> list[str]:
        return self._hablar(lambda: sorted(self._redis.smembers(f"{_P}en:{conversacion}")))

    def totales(self) -> Totales:
        usuarios: set[str] = set()
        conversaciones: set[str] = set()
        for uno in self._redis.zrange(f"{_P}procesos", 0, -1):
            for clave in map(_clave, self._redis.smembers(f"{_P}de:{uno}")):
                if clave.conversacion:
                    conversaciones.add(clave.conversacion)
                else:
                    usuarios.add(clave.usuario)
        sockets = self._redis.hgetall(f"{_P}sockets")
        sockets[self._proceso] = _sockets_aqui()
        return Totales(len(usuarios), len(conversaciones), sum(map(int, sockets.values())))

    def tomar_turno(self, de: str, segundos: int) -> bool:
        """`True` para un solo proceso en cada tramo de esos segundos."""
        llave = f"{_P}turno:{de}"
        return bool(self._redis.set(llave, self._proceso, nx=True, ex=max(1, segundos - 1)))

    def contar(self, clave: str, aqui: int) -> int:
        """Apunta las conexiones de este proceso; devuelve las que hay en todos los vivos."""
        self._aforos[clave] = aqui
        return self._hablar(lambda: self._contar(clave))

    def _contar(self, clave: str) -> int:
        self._publicar_aforos([clave])
        llave = f"{_P}abiertas:{clave}"
        por_proceso = self._redis.hgetall(llave)
        vivos = self.vivos(list(por_proceso)) | {self._proceso} if por_proceso else set()
        if muertos := por_proceso.keys() - vivos:
            self._redis.hdel(llave, *muertos)
        return sum(int(n) for p, n in por_proceso.items() if p in vivos)

    def _publicar_aforos(self, claves: Collection[str]) -> None:
        """Los ceros se recuerdan hasta que Redis los sabe."""
        with self._redis.pipeline(transaction=False) as tubo:
            for clave in claves:
                llave = f"{_P}abiertas:{clave}"
                if self._aforos[clave]:
                    tubo.hset(llave, self._proceso, self._aforos[clave])
                    tubo.expire(llave, _UN_DIA)
                else:
                    tubo.hdel(llave, self._proceso)
            tubo.execute()
        for clave in claves:
            if not self._aforos[clave]:
                del self._aforos[clave]

    def vivos(self, procesos: Collection[str]) -> set[str]:
        """De esos procesos, los que renuevan su arriendo; recién vuelto Redis, todos."""
        if not self._firme:
            return set(procesos)
        ahora = time.time()
        arriendos = self._redis.zmscore(f"{_P}procesos", list(procesos))
        return {p for p, hasta in zip(procesos, arriendos, strict=True) if hasta and hasta > ahora}


@functools.cache
def almacen() -> Almacen:
    return EnRedis(settings.REDIS_URL) if settings.REDIS_URL else EnMemoria()


def _preguntar(pregunta: Callable[[], T], si_no: T) -> T:
    try:
        return pregunta()
    except redis.RedisError:
        return si_no


def en_linea(usuarios: Collection[str]) -> set[str]:
    """De esos usuarios, los que tienen alguna conexión. Con Redis caído, ninguno."""
    return _preguntar(lambda: almacen().en_linea(usuarios), set()) if usuarios else set()


def unidos(conversacion: str) -> list[str]:
    """Los usuarios con alguna conexión unida a la conversación, en todos los procesos."""
    return _preguntar(lambda: almacen().unidos(conversacion), [])


def totales() -> Totales:
    return almacen().totales()
