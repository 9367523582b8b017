"""Varios procesos en uno: cada vecino tiene su enlace y su nombre."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

import redis

from mensajeria.entre_procesos.arriendos import Arriendos
from mensajeria.entre_procesos.cuentas import Cuentas
from mensajeria.entre_procesos.enlace import Enlace
from mensajeria.entre_procesos.presencia_redis import PresenciaEnRedis
from mensajeria.entre_procesos.turnos import Turnos


@contextlib.contextmanager
def colgado(r: redis.Redis) -> Iterator[None]:
    """Acepta conexiones y no contesta, que es peor que no estar."""
    pid = r.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def latir_en_firme(*procesos: Vecino) -> None:
    for _ in range(2):
        for uno in procesos:
            uno.latir()


class Vecino(PresenciaEnRedis):
    """Su presencia, con lo que tiene debajo a la vista."""

    def __init__(self, url: str, nombre: str) -> None:
        self.enlace = Enlace(url, nombre)
        self.arriendos = Arriendos(self.enlace)
        self.turnos = Turnos(self.enlace)
        self.cuentas = Cuentas(self.enlace, self.arriendos)
        super().__init__(self.enlace, self.arriendos, self.turnos, self.cuentas)
