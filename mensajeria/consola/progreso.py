"""Cuánto va de un trabajo largo: una barra en una terminal, una línea de vez en cuando si no."""

from __future__ import annotations

import time
from typing import Any, TextIO

_ANCHO = 24


class Barra:
    """Se llama como una función con la etapa, cuántos van y cuántos son (0: no se sabe)."""

    def __init__(self, salida: Any, muda: bool = False) -> None:
        self._salida: TextIO = getattr(salida, "_out", salida)
        self._viva = not muda and bool(getattr(self._salida, "isatty", lambda: False)())
        self._cada = 0.1 if self._viva else 5.0
        self._muda = muda
        self._etapa = ""
        self._inicio = self._ultima = time.monotonic()
        self._hechos = self._total = 0

    def __call__(self, etapa: str, hechos: int, total: int) -> None:
        ahora = time.monotonic()
        if etapa != self._etapa:
            self.terminar()
            self._etapa, self._inicio, self._ultima = etapa, ahora, ahora
        self._hechos, self._total = hechos, total
        if ahora - self._ultima >= self._cada:
            self._ultima = ahora
            self._pintar(self._linea(ahora), "" if self._viva else "\n")

    def terminar(self) -> None:
        """Cierra la etapa en curso, con su cifra final."""
        if self._etapa and not self._muda:
            self._pintar(self._linea(time.monotonic(), fin=True), "\n")
        self._etapa = ""

    def _linea(self, ahora: float, fin: bool = False) -> str:
        segundos = max(ahora - self._inicio, 1e-6)
        ritmo = self._hechos / segundos
        cifras = f"{self._hechos:,}".replace(",", ".")
        if fin or not self._total:
            return f"{self._etapa}: {cifras} en {segundos:.1f} s ({ritmo:,.0f}/s)"
        parte = min(self._hechos / self._total, 1)
        llenas = int(parte * _ANCHO)
        barra = "█" * llenas + "·" * (_ANCHO - llenas)
        falta = (self._total - self._hechos) / ritmo if ritmo else 0
        return f"{self._etapa} {barra} {parte:4.0%} {cifras} · faltan {max(falta, 0):.0f} s"

    def _pintar(self, linea: str, fin: str) -> None:
        if self._muda:
            return
        if self._viva:
            linea = f"\r\x1b[2K{linea}"
        self._salida.write(linea + fin)
        self._salida.flush()
