"""Un plazo que vale también en una máquina ocupada."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import psutil

# El proceso que arrancó lo de alrededor, si no es este: lo pone `tests.servicios`.
PADRE = "PID_DE_SERVICIOS"


class Cronometro:
    """Lo que tarda algo, sin lo que la máquina lo tuvo esperando.

    El núcleo apunta cuánto lleva cada hilo listo y sin procesador (`run_delay`). Lo que suman los
    de esta prueba, sus servidores y sus bases es lo más que otros programas pudieron retrasar lo
    medido; el resto es nuestro, y es lo que se compara con lo prometido. En una máquina desocupada,
    que es donde el plazo aprieta, son milisegundos.
    """

    def __init__(self) -> None:
        self._esperado = _sin_procesador()
        self._inicio = time.monotonic()

    def segundos(self) -> float:
        tardo = time.monotonic() - self._inicio
        ahora = _sin_procesador()
        return tardo - sum(t - self._esperado.get(hilo, 0.0) for hilo, t in ahora.items())


def _sin_procesador() -> dict[str, float]:
    """Los segundos de espera de cada hilo."""
    raiz = psutil.Process(int(os.environ.get(PADRE) or os.getpid()))
    esperas = {}
    for proceso in (raiz, *raiz.children(recursive=True)):
        for archivo in Path(f"/proc/{proceso.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                esperas[archivo.parent.name] = int(archivo.read_text().split()[1]) / 1e9
    return esperas
