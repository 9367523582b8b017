"""Quién está escribiendo: se anuncia una vez y termina solo a los 6 segundos de silencio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mensajeria.operaciones import conexiones

if TYPE_CHECKING:
    from mensajeria.sesion.sesion import Sesion

SEGUNDOS = 6.0


class Escritura:
    """En qué conversaciones escribe esta conexión."""

    def __init__(self, sesion: Sesion) -> None:
        self._sesion = sesion
        self._plazos: dict[str, asyncio.TimerHandle] = {}

    def sigue(self, conversacion: str) -> None:
        anterior = self._plazos.pop(conversacion, None)
        if anterior is not None:
            anterior.cancel()
        else:
            conexiones.escribir(conversacion, self._sesion.usuario_id, True)
        bucle = asyncio.get_running_loop()
        self._plazos[conversacion] = bucle.call_later(SEGUNDOS, self.dejar, conversacion)

    def dejar(self, conversacion: str) -> None:
        plazo = self._plazos.pop(conversacion, None)
        if plazo is not None:
            plazo.cancel()
            conexiones.escribir(conversacion, self._sesion.usuario_id, False)

    def dejar_todo(self) -> None:
        for conversacion in list(self._plazos):
            self.dejar(conversacion)
