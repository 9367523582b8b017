"""Dejar de leer a un cliente mientras la aplicación no da abasto."""

from __future__ import annotations

import asyncio


class Compuerta:
    """Abierta mientras nadie la cierre."""

    __slots__ = ("_cerrada",)

    def __init__(self) -> None:
        self._cerrada: asyncio.Future[None] | None = None

    async def abierta(self) -> None:
        """Vuelve en cuanto lo esté; en el acto, sin dar la vuelta al bucle, si ya lo está."""
        while self._cerrada is not None:
            await asyncio.shield(self._cerrada)

    def cerrar(self) -> None:
        if self._cerrada is None:
            self._cerrada = asyncio.get_running_loop().create_future()

    def abrir(self) -> None:
        if self._cerrada is not None:
            self._cerrada.set_result(None)
            self._cerrada = None
