"""Cuántas conexiones tiene abiertas cada usuario y cada dirección, en todos los procesos."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
from collections import Counter

from redis import RedisError

from mensajeria.base_de_datos import EnTandas, en_hilo_de_presencia
from mensajeria.entre_procesos.cuentas import Cuentas


def de_usuario(usuario_id: str) -> str:
    return f"u|{usuario_id}"


def sin_mapear(direccion: str) -> str:
    """Una IPv4 que llegó por IPv6 (`::ffff:203.0.113.7`; RFC 4291, 2.5.5.2), como se escribe."""
    try:
        dentro = ipaddress.IPv6Address(direccion).ipv4_mapped
    except ValueError:
        return direccion
    return str(dentro or direccion)


@functools.lru_cache(10_000)
def red_de(direccion: str) -> str:
    """Lo que cuenta como una sola dirección: un /64 de IPv6, que es lo que tiene cada casa."""
    direccion = sin_mapear(direccion)
    try:
        ip = ipaddress.IPv6Address(direccion)
    except ValueError:
        return direccion
    return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))


def de_direccion(direccion: str) -> str:
    return f"d|{red_de(direccion)}"


class Aforo:
    """Se usa desde el bucle de eventos. Sin `cuentas` hay un único proceso: bastan las de aquí.

    Lo que cambia a la vez, o mientras se espera a Redis, se cuenta en un solo viaje.
    """

    def __init__(self, cuentas: Cuentas | None) -> None:
        self._cuentas = cuentas
        self._aqui: Counter[str] = Counter()
        self._publicaciones = EnTandas(en_hilo_de_presencia, self._publicar)
        self._pendientes: set[asyncio.Future[int]] = set()

    async def entrar(self, clave: str, tope: int) -> bool:
        """Cuenta una conexión más; `False`, sin contarla, si ya hay `tope`."""
        if self._aqui[clave] >= tope:
            return False
        # Se cuenta antes de preguntar: dos que llegan juntas no caben las dos en el último sitio.
        self._aqui[clave] += 1
        if self._cuentas is None:
            return True
        aqui = self._aqui[clave]
        try:
            total = aqui + await self._publicaciones.pedir(clave)
        except BaseException:
            self.salir(clave)
            raise
        if total > tope:
            self.salir(clave)
        return total <= tope

    def salir(self, clave: str) -> None:
        self._aqui[clave] -= 1
        if self._aqui[clave] <= 0:
            del self._aqui[clave]
        if self._cuentas is not None:
            publicacion = self._publicaciones.pedir(clave)
            self._pendientes.add(publicacion)
            publicacion.add_done_callback(self._pendientes.discard)

    def _publicar(self, claves: list[str]) -> list[int]:
        """Apunta las de aquí; las que hay en los demás procesos, o ninguna con Redis caído."""
        aqui = {clave: self._aqui[clave] for clave in claves}
        try:
            totales = self._cuentas.contar(aqui) if self._cuentas else aqui
        except RedisError:
            totales = aqui
        return [totales[clave] - aqui[clave] for clave in claves]
