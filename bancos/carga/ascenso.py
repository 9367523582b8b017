"""Entrar por los transportes por omisión de `socket.io-client`: sondeo, y ascenso a WebSocket."""

from __future__ import annotations

import asyncio
import json

from bancos.carga.peticiones import Peticiones
from bancos.carga.tramas import Lector, trama

PLAZO = 60.0
SONDEO = "/socket.io/?EIO=4&transport=polling"
SEPARADOR = b"\x1e"


class Ascenso:
    """Una conexión que entra a la vez por sondeo y por WebSocket, como el cliente de JavaScript."""

    def __init__(self, puerto: int, token: str, conversacion: str) -> None:
        self._puerto = puerto
        self._saludo = b"40" + json.dumps({"token": token, "conversacion": conversacion}).encode()
        self._dentro = asyncio.Event()
        self._probado = asyncio.Event()

    def _leido(self, paquete: bytes) -> None:
        if paquete.startswith(b'42["autenticado"'):
            self._dentro.set()
        elif paquete == b"3probe":
            self._probado.set()
        elif paquete.startswith((b"44", b'42["error"')):
            raise ConnectionError(paquete.decode())

    async def entrar(self) -> None:
        """Vuelve ya ascendida y dentro; hay que cortarla."""
        async with (
            asyncio.timeout(PLAZO),
            asyncio.TaskGroup() as grupo,
            Peticiones(self._puerto) as sondeo,
        ):
            abierta = json.loads((await sondeo.pedir("GET", SONDEO))[1:])
            sid = f"&sid={abierta['sid']}"
            sondeos = grupo.create_task(self._sondear(sondeo, SONDEO + sid))
            saludo = grupo.create_task(self._saludar(SONDEO + sid))
            camino = f"/socket.io/?EIO=4&transport=websocket{sid}"
            lee, self._escribe = await self._abrir(camino)
            self._escribe.write(trama(b"2probe"))
            lectura = grupo.create_task(self._leer(lee))
            await self._probado.wait()
            # Como el de JavaScript: no asciende con una petición a medias.
            await sondeos
            await saludo
            self._escribe.write(trama(b"5"))
            await self._dentro.wait()
            lectura.cancel()

    def cortar(self) -> None:
        self._escribe.transport.abort()

    async def _sondear(self, sondeo: Peticiones, camino: str) -> None:
        while not self._probado.is_set():
            for paquete in (await sondeo.pedir("GET", camino)).split(SEPARADOR):
                self._leido(paquete)

    async def _saludar(self, camino: str) -> None:
        async with Peticiones(self._puerto) as otra:
            await otra.pedir("POST", camino, self._saludo)

    async def _abrir(self, camino: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        lee, escribe = await asyncio.open_connection("127.0.0.1", self._puerto)
        escribe.write(
            f"GET {camino} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        cabeza = await lee.readuntil(b"\r\n\r\n")
        if not cabeza.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"{camino}: {cabeza[:60]!r}")
        return lee, escribe

    async def _leer(self, lee: asyncio.StreamReader) -> None:
        lector = Lector()
        while datos := await lee.read(65536):
            for _, carga in lector.leer(datos):
                self._leido(carga)
