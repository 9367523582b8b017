"""La única que escribe en una conexión: respuestas y empujes salen en su orden."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

# Lo que se guarda para quien lee despacio, en caracteres; más allá se le corta y luego reanuda.
MAX_PENDIENTE = 1_000_000

Enviar = Callable[[dict[str, Any]], Awaitable[None]]


class Escritura:
    """`escribir` y `cerrar` no bloquean; `vaciar` es la tarea que lleva los marcos al socket."""

    def __init__(self, enviar: Enviar) -> None:
        self._enviar = enviar
        self._cola: deque[str] = deque()
        self._pendiente = 0
        self._hay = asyncio.Event()
        self._codigo: int | None = None
        self.desbordada = False
        self.abortar: Callable[[], None] = lambda: None

    def escribir(self, marco: str) -> None:
        if self._codigo is not None or self.desbordada:
            return
        self._pendiente += len(marco)
        if self._pendiente > MAX_PENDIENTE:
            self.desbordada = True
            self._cola.clear()
            self.abortar()
        self._cola.append(marco)
        self._hay.set()

    def cerrar(self, codigo: int) -> None:
        """Cierra cuando haya salido lo ya escrito."""
        if self._codigo is None:
            self._codigo = codigo
        self._hay.set()

    async def vaciar(self) -> None:
        """Termina al cerrar, o al desbordarse: entonces lo pendiente ya no se enviará."""
        while not self.desbordada:
            await self._hay.wait()
            self._hay.clear()
            while self._cola and not self.desbordada:
                marco = self._cola.popleft()
                await self._enviar({"type": "websocket.send", "text": marco})
                self._pendiente -= len(marco)
            if self._codigo is not None:
                await self._enviar({"type": "websocket.close", "code": self._codigo})
                return
