"""Entre el navegador y el servidor: deja pasar lo que llega, y retiene una subida a la mitad."""

from __future__ import annotations

import asyncio
import contextlib
import re

from tests.servicios import puerto_libre

_SUBIDA = re.compile(rb"POST /api/mensajeria/(?:conversaciones/[^/]+/)?archivos/")


class Corte:
    """La primera subida que llega a `hasta` bytes se para ahí hasta que se le dice que se corte."""

    def __init__(self, detras: int, hasta: int) -> None:
        self._detras = detras
        self._hasta = hasta
        self._puerto = puerto_libre()
        self.url = f"http://127.0.0.1:{self._puerto}"
        self.subidas = 0
        self.parada = asyncio.Event()
        self._cortar = asyncio.Event()
        self._abiertas: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Corte:
        self._servidor = await asyncio.start_server(self._atender, "127.0.0.1", self._puerto)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cortar.set()
        self._servidor.close()
        for abierta in self._abiertas:
            abierta.transport.abort()

    def cortar(self) -> None:
        self._cortar.set()

    async def _atender(self, ida: asyncio.StreamReader, vuelta: asyncio.StreamWriter) -> None:
        self._abiertas.add(vuelta)
        with contextlib.suppress(OSError):
            leer, escribir = await asyncio.open_connection("127.0.0.1", self._detras)
            pasos = {
                asyncio.create_task(self._pasar(ida, escribir, vuelta)),
                asyncio.create_task(self._devolver(leer, vuelta)),
            }
            # Acabado un sentido, acaba el otro.
            await asyncio.wait(pasos, return_when=asyncio.FIRST_COMPLETED)
            for paso in pasos:
                paso.cancel()
            escribir.close()
        vuelta.close()

    async def _devolver(self, de: asyncio.StreamReader, a: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while trozo := await de.read(65_536):
                a.write(trozo)
                await a.drain()

    async def _pasar(
        self, de: asyncio.StreamReader, a: asyncio.StreamWriter, vuelta: asyncio.StreamWriter
    ) -> None:
        llevan = None
        with contextlib.suppress(OSError):
            while trozo := await de.read(65_536):
                if _SUBIDA.match(trozo):
                    self.subidas += 1
                    llevan = 0
                a.write(trozo)
                await a.drain()
                if llevan is None or self.parada.is_set():
                    continue
                llevan += len(trozo)
                if llevan >= self._hasta:
                    self.parada.set()
                    await self._cortar.wait()
                    return vuelta.transport.abort()
