"""Una vez de un escenario: contra qué servidor, por qué puerta y cuánto dura."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bancos.carga.conexion import Conexion, Sitio, abrir, cerrar
from bancos.carga.dialectos import Dialecto
from bancos.servidores import EnMarcha, token
from bancos.sistema import Gasto

Figuras = dict[str, float]


@dataclass(frozen=True)
class Vez:
    servidor: EnMarcha
    dialecto: Dialecto
    segundos: float

    def gasto(self) -> Gasto:
        return Gasto(self.servidor.pids, self.servidor.base)

    async def abrir(self, usuario: str, conversacion: str = "", n: int = 0) -> Conexion:
        """Una conexión de esa persona, ya dentro; `n` reparte entre los puertos."""
        puerto = self.servidor.puertos[n % len(self.servidor.puertos)]
        return await abrir(Sitio(puerto), self.dialecto, token(usuario), conversacion)

    @contextlib.asynccontextmanager
    async def conexiones(
        self, quienes: list[tuple[str, str]], a_la_vez: int = 50
    ) -> AsyncIterator[list[Conexion]]:
        """Las de cada (usuario, conversación), en su orden; al salir se cierran."""
        turnos = asyncio.Semaphore(a_la_vez)

        async def una(n: int, usuario: str, conversacion: str) -> Conexion:
            async with turnos:
                return await self.abrir(usuario, conversacion, n)

        todas = await asyncio.gather(*(una(n, *quien) for n, quien in enumerate(quienes)))
        try:
            yield todas
        finally:
            await cerrar(todas)


Escenario = Callable[[Vez], Coroutine[Any, Any, Figuras]]
