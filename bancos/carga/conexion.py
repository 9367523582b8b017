"""Una conexión de carga: abre el WebSocket, entra y cuenta lo que le llega."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from os import urandom
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bancos.carga.dialectos import (
    ACUSE,
    CONFIRMADO,
    ENTRADA,
    ENTREGA,
    FALLO,
    LATIDO,
    Dialecto,
)
from bancos.carga.tramas import CIERRE, PING, PONG, Lector, trama

PLAZO = 60.0


class Sitio(NamedTuple):
    """Dónde está un servidor; `prefijo` es el camino del que cuelga todo."""

    puerto: int
    maquina: str = "127.0.0.1"
    tls: bool = False
    prefijo: str = ""

    @classmethod
    def de(cls, url: str) -> Sitio:
        partes = urlsplit(url)
        tls = partes.scheme == "https"
        puerto = partes.port or (443 if tls else 80)
        return cls(puerto, partes.hostname or "127.0.0.1", tls, partes.path.rstrip("/"))


def _nada(*_: int) -> None:
    pass


class Conexion(asyncio.Protocol):
    """Llama a `al_acusar` con el número de cada acuse, a `al_entregar` por cada mensaje, y a
    `al_confirmar` cuando lo enviado cambia de estado. `latidos` son los pings que contestó.

    Lo que sale mal queda en `fallo`, y el fin de la conexión, en `cerrada`.
    """

    __slots__ = (
        "_cabeza",
        "_camino",
        "_lector",
        "_maquina",
        "_primero",
        "al_acusar",
        "al_confirmar",
        "al_entregar",
        "cerrada",
        "dialecto",
        "entrada",
        "fallo",
        "latidos",
        "transporte",
    )

    def __init__(self, dialecto: Dialecto, token: str, conversacion: str, sitio: Sitio) -> None:
        self.dialecto = dialecto
        self._camino = sitio.prefijo + dialecto.camino(conversacion)
        self._maquina = sitio.maquina
        self._primero = dialecto.al_abrir(token, conversacion)
        self._cabeza: bytes | None = b""
        self._lector = Lector()
        bucle = asyncio.get_running_loop()
        self.entrada: asyncio.Future[None] = bucle.create_future()
        self.cerrada: asyncio.Future[None] = bucle.create_future()
        self.fallo: str | None = None
        self.al_acusar: Callable[[int], None] = _nada
        self.al_entregar: Callable[[], None] = _nada
        self.al_confirmar: Callable[[], None] = _nada
        self.latidos = 0

    def connection_made(self, transporte: Any) -> None:
        self.transporte: asyncio.Transport = transporte
        clave = b64encode(urandom(16)).decode()
        transporte.write(
            f"GET {self._camino} HTTP/1.1\r\nHost: {self._maquina}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {clave}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        if not self.entrada.done():
            self.entrada.set_exception(ConnectionError(self.fallo or f"Se cerró: {error}"))
        if not self.cerrada.done():
            self.cerrada.set_result(None)

    def data_received(self, datos: bytes) -> None:
        if self._cabeza is not None:
            datos = self._saludo(self._cabeza + datos)
        leer = self.dialecto.leer
        for codigo, carga in self._lector.leer(datos):
            if codigo < CIERRE:
                que, numero = leer(carga)
                if que == ENTREGA:
                    self.al_entregar()
                elif que == ACUSE:
                    self.al_acusar(numero)
                elif que:
                    self._suceso(que, carga)
            elif codigo == PING:
                self.latidos += 1
                self.transporte.write(trama(carga, PONG))
            elif codigo == CIERRE:
                self.fallar(f"El servidor cerró: {carga!r}")

    def _saludo(self, datos: bytes) -> bytes:
        cabeza, corte, resto = datos.partition(b"\r\n\r\n")
        if not corte:
            self._cabeza = datos
            return b""
        self._cabeza = None
        if not cabeza.startswith(b"HTTP/1.1 101"):
            self.fallar(f"No se abrió: {cabeza[:200]!r}")
            self.transporte.abort()
            return b""
        if self._primero is not None:
            self.escribir(self._primero)
        else:
            self.entrada.set_result(None)
        return resto

    def _suceso(self, que: int, carga: bytes) -> None:
        if que == LATIDO:
            self.latidos += 1
            self.escribir(self.dialecto.latido)
        elif que == ENTRADA and not self.entrada.done():
            self.entrada.set_result(None)
        elif que == CONFIRMADO:
            self.al_confirmar()
        elif que == FALLO:
            self.fallar(carga[:300].decode(errors="replace"))

    def fallar(self, por: str) -> None:
        self.fallo = self.fallo or por
        if not self.entrada.done():
            self.entrada.set_exception(ConnectionError(por))

    def escribir(self, carga: bytes) -> None:
        self.transporte.write(trama(carga))

    async def cerrar(self) -> None:
        self.transporte.abort()
        await self.cerrada


async def abrir(sitio: Sitio, dialecto: Dialecto, token: str, conversacion: str = "") -> Conexion:
    """Una conexión que ya ha entrado."""
    bucle = asyncio.get_running_loop()
    async with asyncio.timeout(PLAZO):
        _, conexion = await bucle.create_connection(
            lambda: Conexion(dialecto, token, conversacion, sitio),
            sitio.maquina,
            sitio.puerto,
            ssl=sitio.tls or None,
        )
        await conexion.entrada
    return conexion


async def cerrar(conexiones: list[Conexion]) -> None:
    await asyncio.gather(*(c.cerrar() for c in conexiones))
