"""En qué conversaciones escribe una conexión: termina solo tras un rato de silencio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mensajeria.operaciones.conexiones import SEGUNDOS_DE_ESCRITURA, SEGUNDOS_DE_RENOVACION, escribe

if TYPE_CHECKING:
    from mensajeria.sesion.sesion import Sesion


class Escritura:
    def __init__(self, sesion: Sesion) -> None:
        self._sesion = sesion
        self._plazos: dict[str, asyncio.TimerHandle] = {}
        self._dicho: dict[str, float] = {}

    def sigue(self, conversacion: str) -> None:
        """Lo anuncia al empezar, y lo repite de vez en cuando para los demás procesos."""
        anterior = self._plazos.pop(conversacion, None)
        if anterior is not None:
            anterior.cancel()
        bucle = asyncio.get_running_loop()
        ahora = bucle.time()
        if ahora - self._dicho.get(conversacion, -SEGUNDOS_DE_RENOVACION) >= SEGUNDOS_DE_RENOVACION:
            self._dicho[conversacion] = ahora
            self._anunciar(conversacion, True)
        self._plazos[conversacion] = bucle.call_later(
            SEGUNDOS_DE_ESCRITURA, self.dejar, conversacion
        )

    def dejar(self, conversacion: str) -> None:
        plazo = self._plazos.pop(conversacion, None)
        if plazo is not None:
            plazo.cancel()
            del self._dicho[conversacion]
            self._anunciar(conversacion, False)

    def dejar_todo(self) -> None:
        for conversacion in list(self._plazos):
            self.dejar(conversacion)

    def _anunciar(self, conversacion: str, escribiendo: bool) -> None:
        self._sesion.emitir(escribe(conversacion, self._sesion.usuario_id, escribiendo))
