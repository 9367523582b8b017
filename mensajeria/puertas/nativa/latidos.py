"""El latido de la puerta sencilla: los pings de WebSocket, que en Socket.IO son de Engine.IO."""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

# Cada cuánto se envía un ping; es también el plazo para contestarlo.
INTERVALO = 20.0
# A quienes les toca en este margen, en segundos, se les envía a la vez.
MARGEN = 0.5


class ConLatido(Protocol):
    """Una conexión, vista desde aquí."""

    def latir(self, cuerpo: bytes) -> None:
        """Envía un ping con ese cuerpo; la que no contestó al anterior se da por perdida."""


class Latidos:
    """Todas las conexiones de la puerta, por orden de a quién le toca, con un temporizador."""

    def __init__(self) -> None:
        self._turnos: dict[ConLatido, float] = {}
        self._temporizador: asyncio.TimerHandle | None = None

    def agregar(self, conexion: ConLatido) -> None:
        bucle = asyncio.get_running_loop()
        self._turnos[conexion] = bucle.time() + INTERVALO
        if self._temporizador is None:
            self._temporizador = bucle.call_later(INTERVALO, self._latir)

    def quitar(self, conexion: ConLatido) -> None:
        self._turnos.pop(conexion, None)

    def adelantar(self, conexion: ConLatido) -> None:
        """Late ahora; el siguiente, dentro de un intervalo."""
        if self._turnos.pop(conexion, None) is not None:
            self._turnos[conexion] = asyncio.get_running_loop().time() + INTERVALO
            conexion.latir(_cuerpo())

    def _latir(self) -> None:
        bucle = asyncio.get_running_loop()
        ahora = bucle.time()
        cuerpo = _cuerpo()
        for conexion in self._a_quienes_toca(ahora + MARGEN):
            self._turnos[conexion] = ahora + INTERVALO
            conexion.latir(cuerpo)
        proximo = next(iter(self._turnos.values()), None)
        self._temporizador = None if proximo is None else bucle.call_at(proximo, self._latir)

    def _a_quienes_toca(self, hasta: float) -> list[ConLatido]:
        """Los saca de su turno."""
        tocan = []
        for conexion, cuando in self._turnos.items():
            if cuando > hasta:
                break
            tocan.append(conexion)
        for conexion in tocan:
            del self._turnos[conexion]
        return tocan


def _cuerpo() -> bytes:
    return random.getrandbits(32).to_bytes(4, "big")
