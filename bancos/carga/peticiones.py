"""HTTP/1.1 en crudo, sobre una conexión que se conserva."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

PLAZO = 60.0


class Peticiones:
    """Una conexión por la que se pide, de una en una."""

    def __init__(self, puerto: int, token: str = "") -> None:
        self._puerto = puerto
        self._cabeceras = "Host: 127.0.0.1\r\nAccept: application/json\r\n"
        if token:
            self._cabeceras += f"Authorization: Bearer {token}\r\n"

    async def __aenter__(self) -> Self:
        self._lee, self._escribe = await asyncio.open_connection(
            "127.0.0.1", self._puerto, limit=2**20
        )
        return self

    async def __aexit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._escribe.close()

    async def pedir(self, metodo: str, camino: str, cuerpo: bytes = b"") -> bytes:
        """El cuerpo de la respuesta; cualquiera que no sea 200 es un fallo."""
        largo = f"Content-Length: {len(cuerpo)}\r\n" if metodo == "POST" else ""
        tipo = "Content-Type: text/plain;charset=UTF-8\r\n" if metodo == "POST" else ""
        cabeza = f"{metodo} {camino} HTTP/1.1\r\n{self._cabeceras}{largo}{tipo}\r\n"
        self._escribe.write(cabeza.encode() + cuerpo)
        async with asyncio.timeout(PLAZO):
            respuesta = (await self._lee.readuntil(b"\r\n\r\n")).lower()
            contenido = await self._cuerpo(respuesta)
        if not respuesta.startswith(b"http/1.1 200"):
            raise ConnectionError(f"{camino}: {respuesta[:60]!r} {contenido[:300]!r}")
        return contenido

    async def _cuerpo(self, cabeceras: bytes) -> bytes:
        if b"transfer-encoding: chunked" in cabeceras:
            trozos = []
            while largo := int(await self._lee.readuntil(b"\r\n"), 16):
                trozos.append(await self._lee.readexactly(largo))
                await self._lee.readexactly(2)
            await self._lee.readexactly(2)
            return b"".join(trozos)
        _, hay, resto = cabeceras.partition(b"content-length:")
        return await self._lee.readexactly(int(resto.split(b"\r\n")[0]) if hay else 0)
