"""Todo lo que este proceso comparte con los demás, hecho una vez sobre un solo enlace."""

from __future__ import annotations

import functools
import threading
from collections.abc import Collection

from django.conf import settings

from mensajeria.entre_procesos.aforo import Aforo
from mensajeria.entre_procesos.arriendos import Arriendos
from mensajeria.entre_procesos.cubos import Cubos, de_fallidas
from mensajeria.entre_procesos.cuentas import Cuentas
from mensajeria.entre_procesos.enlace import Enlace
from mensajeria.entre_procesos.miradas import Miradas
from mensajeria.entre_procesos.presencia import Presencia, PresenciaEnMemoria
from mensajeria.entre_procesos.presencia_redis import PresenciaEnRedis
from mensajeria.entre_procesos.turnos import Turnos
from mensajeria.entre_procesos.ventanas import Ventanas


class Compartido:
    """Sin dirección de Redis hay un único proceso: no hay enlace, ni arriendos, ni cuentas."""

    presencia: Presencia

    def __init__(self, url: str, nombre: str = "") -> None:
        self.enlace = Enlace(url, nombre) if url else None
        self.turnos = Turnos(self.enlace)
        self.ventanas = Ventanas(self.enlace)
        self.cubos = Cubos(self.enlace)
        self.fallidas = Cubos(self.enlace, "fallidas", de_fallidas)
        self.arriendos: Arriendos | None = None
        self.cuentas: Cuentas | None = None
        if self.enlace is None:
            self.presencia = PresenciaEnMemoria()
        else:
            self.arriendos = Arriendos(self.enlace)
            self.cuentas = Cuentas(self.enlace, self.arriendos)
            self.presencia = PresenciaEnRedis(
                self.enlace, self.arriendos, self.turnos, self.cuentas
            )
        self.miradas = Miradas(self.enlace, self.arriendos)
        self.aforo = Aforo(self.cuentas)

    def vivos(self, procesos: Collection[str]) -> set[str]:
        """De esos procesos, los que siguen."""
        return set(procesos) if self.arriendos is None else self.arriendos.vivos(procesos)


_cerrojo = threading.Lock()


@functools.cache
def _hecho(url: str) -> Compartido:
    return Compartido(url)


def compartido() -> Compartido:
    """Lo de este proceso, desde cualquier hilo."""
    # Dos hilos a la vez harían dos, y lo que uno apuntara no lo repondría el latido del otro.
    with _cerrojo:
        return _hecho(settings.REDIS_URL)


def olvidar() -> None:
    """Como recién arrancado: solo para las pruebas."""
    _hecho.cache_clear()
