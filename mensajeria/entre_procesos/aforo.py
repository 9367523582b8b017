"""Cuántas conexiones tiene abiertas cada usuario y cada dirección, en todos los procesos."""

from __future__ import annotations

import asyncio
from collections import Counter

from redis import RedisError

from mensajeria.base_de_datos import anotar
from mensajeria.entre_procesos.compartido import compartido

_aqui: Counter[str] = Counter()
_pendientes: set[asyncio.Task[int]] = set()


def de_usuario(usuario_id: str) -> str:
    return f"u|{usuario_id}"


def de_direccion(direccion: str) -> str:
    return f"d|{direccion}"


async def entrar(clave: str, tope: int) -> bool:
    """Cuenta una conexión más; `False`, sin contarla, si ya hay `tope`. Sin Redis, las de aquí."""
    if _aqui[clave] >= tope:
        return False
    # Se cuenta antes de preguntar: dos que llegan juntas no caben las dos en el último sitio.
    _aqui[clave] += 1
    try:
        total = await _publicar(clave)
    except BaseException:
        salir(clave)
        raise
    if total > tope:
        salir(clave)
    return total <= tope


def salir(clave: str) -> None:
    _aqui[clave] -= 1
    if _aqui[clave] <= 0:
        del _aqui[clave]
    if compartido().cuentas is not None:
        tarea = asyncio.create_task(_publicar(clave))
        _pendientes.add(tarea)
        tarea.add_done_callback(_pendientes.discard)


async def _publicar(clave: str) -> int:
    """Las que hay en todos los procesos, con las de este; con Redis caído, solo las de este."""
    cuentas = compartido().cuentas
    try:
        return await anotar(cuentas.contar, clave, _aqui[clave]) if cuentas else _aqui[clave]
    except RedisError:
        return _aqui[clave]
