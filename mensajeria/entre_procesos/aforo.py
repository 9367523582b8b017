"""Cuántas conexiones tiene abiertas cada usuario y cada dirección, en todos los procesos."""

from __future__ import annotations

import asyncio
from collections import Counter

from redis import RedisError

from mensajeria.base_de_datos import en_hilo_de_presencia
from mensajeria.entre_procesos.cuentas import Cuentas


def de_usuario(usuario_id: str) -> str:
    return f"u|{usuario_id}"


def de_direccion(direccion: str) -> str:
    return f"d|{direccion}"


class Aforo:
    """Se usa desde el bucle de eventos. Sin `cuentas` hay un único proceso: bastan las de aquí."""

    def __init__(self, cuentas: Cuentas | None) -> None:
        self._cuentas = cuentas
        self._aqui: Counter[str] = Counter()
        self._pendientes: set[asyncio.Task[int]] = set()

    async def entrar(self, clave: str, tope: int) -> bool:
        """Cuenta una conexión más; `False`, sin contarla, si ya hay `tope`."""
        if self._aqui[clave] >= tope:
            return False
        # Se cuenta antes de preguntar: dos que llegan juntas no caben las dos en el último sitio.
        self._aqui[clave] += 1
        try:
            total = await self._publicar(clave)
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
            tarea = asyncio.create_task(self._publicar(clave))
            self._pendientes.add(tarea)
            tarea.add_done_callback(self._pendientes.discard)

    async def _publicar(self, clave: str) -> int:
        """Las que hay en todos los procesos, con las de este; con Redis caído, solo las de este."""
        aqui = self._aqui[clave]
        try:
            return (
                await en_hilo_de_presencia(self._cuentas.contar, clave, aqui)
                if self._cuentas
                else aqui
            )
        except RedisError:
            return self._aqui[clave]
