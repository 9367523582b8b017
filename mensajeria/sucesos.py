"""Lo que dura un rato se dice dos veces, al empezar y al acabar, falle lo que falle entre medias.

Mil peticiones contra una base caída son una línea del registro, y no mil.
"""

from __future__ import annotations

import logging
import threading
import time

# Acaba cuando sale bien y hace este rato, en segundos, que no falla: si va y viene, es lo mismo.
CALMA = 5.0


class Suceso:
    """`empieza` y `acaba` son lo que se escribe; `empieza` lleva un `%s` con el detalle.

    Se usa desde cualquier hilo.
    """

    def __init__(self, registro: logging.Logger, empieza: str, acaba: str) -> None:
        self._registro = registro
        self._empieza = empieza
        self._acaba = acaba
        self._cerrojo = threading.Lock()
        self._ultima = 0.0
        self.dura = False

    def pasa(self, detalle: object) -> None:
        with self._cerrojo:
            self._ultima = time.monotonic()
            nuevo, self.dura = not self.dura, True
        if nuevo:
            self._registro.error(self._empieza, detalle)

    def no_pasa(self) -> None:
        """Salió bien. Sin suceso no cuesta nada."""
        if not self.dura:
            return
        with self._cerrojo:
            acabo = self.dura and time.monotonic() - self._ultima >= CALMA
            self.dura = self.dura and not acabo
        if acabo:
            self._registro.warning(self._acaba)
