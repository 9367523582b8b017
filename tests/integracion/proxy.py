"""Un proxy de TCP por turnos, sin afinidad: cada conexión va al siguiente servidor."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator


async def bombear(lee: asyncio.StreamReader, escribe: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while dato := await lee.read(65536):
            escribe.write(dato)
            await escribe.drain()
    with contextlib.suppress(OSError):
        escribe.close()


@contextlib.asynccontextmanager
async def por_turnos(*puertos: int) -> AsyncIterator[int]:
    """El puerto en el que escucha."""
    turnos = itertools.cycle(puertos)

    async def atender(lee: asyncio.StreamReader, escribe: asyncio.StreamWriter) -> None:
        try:
            otro_lee, otro_escribe = await asyncio.open_connection("127.0.0.1", next(turnos))
        except OSError:
            escribe.close()
            return
        await asyncio.gather(bombear(lee, otro_escribe), bombear(otro_lee, escribe))

    servidor = await asyncio.start_server(atender, "127.0.0.1", 0)
    try:
        yield servidor.sockets[0].getsockname()[1]
    finally:
        servidor.close()
