"""Un antivirus que contesta lo que se le diga, como si lo fuera."""

from __future__ import annotations

import asyncio
import threading

from tests.servicios import PACIENCIA, puerto_libre

# Una firma nuestra: ninguna base de virus la tiene, y ningún antivirus de esta máquina se asusta.
MALO = b"ESTO-NO-ES-UN-VIRUS-PERO-LO-PARECE-7f3a91"


class Clamd(threading.Thread):
    """Lo justo de su protocolo (man clamd: INSTREAM y PING).

    `a_estos`: lo que contesta, en lugar de `contesta`, a los que lleven eso dentro.
    """

    def __init__(self, contesta: bytes) -> None:
        super().__init__(daemon=True)
        self.puerto = puerto_libre()
        self.contesta = contesta
        self.a_estos: dict[bytes, bytes] = {}
        self.recibido = b""
        self.preguntas = 0
        self._listo = threading.Event()
        self.start()
        assert self._listo.wait(PACIENCIA)

    def run(self) -> None:
        self._bucle = asyncio.new_event_loop()
        self._bucle.run_until_complete(self._servir())
        self._bucle.close()

    async def _servir(self) -> None:
        self._fin = asyncio.Event()
        async with await asyncio.start_server(self._atender, "127.0.0.1", self.puerto):
            self._listo.set()
            await self._fin.wait()

    async def _atender(self, lee: asyncio.StreamReader, escribe: asyncio.StreamWriter) -> None:
        self.preguntas += 1
        if await lee.readline() == b"nPING\n":
            escribe.write(b"PONG\n")
        else:
            escribe.write(await self._mirar(lee))
        escribe.close()

    async def _mirar(self, lee: asyncio.StreamReader) -> bytes:
        crudo = b""
        while largo := int.from_bytes(await lee.readexactly(4), "big"):
            crudo += await lee.readexactly(largo)
        self.recibido += crudo
        return next((v for k, v in self.a_estos.items() if k in crudo), self.contesta)

    def cerrar(self) -> None:
        self._bucle.call_soon_threadsafe(self._fin.set)
        self.join(PACIENCIA)
