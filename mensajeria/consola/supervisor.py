"""El proceso padre de `servir`: no atiende a nadie, y repone a los hijos que mueren o se paran."""

from __future__ import annotations

import contextlib
import logging
import mmap
import os
import shutil
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.db import connections
from prometheus_client import multiprocess

from mensajeria.metricas_compartidas import CARPETA

registro = logging.getLogger("mensajeria.servidor")

DE_METRICAS = "servitech-metricas-"
# Un proceso que muere nada más nacer no se repite sin descanso.
DESCANSO = 1.0
RONDA = 0.2
# Lo que se espera a que el bucle de un hijo dé otra vuelta (da diez por segundo), y a la primera,
# que llega con todo importado. Sin contar lo que la máquina lo tuvo esperando un procesador: uno
# cargado da vueltas más lentas, y uno parado (SIGSTOP, o sin volver al bucle), ninguna.
SEGUNDOS_PARADO = 15.0
SEGUNDOS_PARA_NACER = 60.0
# De una ronda no se cuenta más: si el que se paró es el padre, los hijos no tienen la culpa.
MAX_RONDA = 1.0


class Hijo:
    """Un proceso que atiende; `atraso` son los segundos que lleva sin avanzar pudiendo."""

    def __init__(self, proceso: Any) -> None:
        self.proceso = proceso
        self.atraso = 0.0
        self._vueltas = 0.0
        self._esperado: float | None = None

    def mirar(self, vueltas: float, segundos: float) -> bool:
        """`vueltas`: las que lleva; `segundos`: desde la otra mirada. `False` si está parado."""
        if vueltas != self._vueltas:
            self._vueltas, self.atraso, self._esperado = vueltas, 0.0, None
            return True
        esperado = _sin_procesador(self.proceso.pid)
        if self._esperado is not None:
            ajeno = max(0.0, esperado - self._esperado)
            self.atraso += max(0.0, min(segundos, MAX_RONDA) - ajeno)
        self._esperado = esperado
        return self.atraso < (SEGUNDOS_PARADO if vueltas else SEGUNDOS_PARA_NACER)


class Supervisor:
    """`atender(latir)` es lo que hace cada hijo, que llama a `latir` en cada vuelta de su bucle."""

    def __init__(self, atender: Callable[[Callable[[], None]], None], cuantos: int) -> None:
        self._atender = atender
        self._contexto = get_context("fork")
        # Memoria de todos: las vueltas que lleva el bucle de cada uno.
        self._vueltas = memoryview(mmap.mmap(-1, 8 * cuantos)).cast("d")
        self._hijos: list[Hijo] = []
        self._parando = False

    def vigilar(self, segundos_de_salida: float, al_parar: Callable[[], None]) -> None:
        """Hasta que se pida parar; entonces, a quien no acabe en esos segundos se le corta.

        `al_parar` cierra el enchufe de este proceso: abierto, admitiría a quien ya nadie atiende.
        """
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, self._parar)
        _soltar_la_base()
        self._hijos = [self._nacer(i) for i in range(len(self._vueltas))]
        antes = time.monotonic()
        while not self._parando:
            time.sleep(RONDA)
            ahora = time.monotonic()
            for i in range(len(self._hijos)):
                self._revisar(i, ahora - antes)
            antes = ahora
        al_parar()
        self._despedir(time.monotonic() + segundos_de_salida + DESCANSO / 2)

    def _revisar(self, i: int, segundos: float) -> None:
        hijo = self._hijos[i]
        proceso = hijo.proceso
        if proceso.exitcode is None and not hijo.mirar(self._vueltas[i], segundos):
            registro.error(
                "El proceso %s lleva %d s sin avanzar: se le corta", proceso.pid, hijo.atraso
            )
            proceso.kill()
            proceso.join(DESCANSO)
        if proceso.exitcode is not None and not self._parando:
            _olvidar_metricas(proceso.pid)
            registro.error("Murió el proceso %s (%s); nace otro", proceso.pid, proceso.exitcode)
            time.sleep(DESCANSO if proceso.exitcode else 0)
            self._hijos[i] = self._nacer(i)

    def _nacer(self, i: int) -> Hijo:
        self._vueltas[i] = 0.0
        proceso = self._contexto.Process(target=self._ser_hijo, args=(i,))
        proceso.start()
        return Hijo(proceso)

    def _ser_hijo(self, i: int) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

        def latir() -> None:
            self._vueltas[i] += 1

        self._atender(latir)

    def _parar(self, *_: Any) -> None:
        self._parando = True
        for hijo in self._hijos:
            if hijo.proceso.is_alive():
                hijo.proceso.terminate()

    def _despedir(self, limite: float) -> None:
        for hijo in self._hijos:
            hijo.proceso.join(max(0, limite - time.monotonic()))
            if hijo.proceso.is_alive():
                hijo.proceso.kill()
        carpeta = Path(os.environ.get(CARPETA, ""))
        if carpeta.name.startswith(DE_METRICAS):
            shutil.rmtree(carpeta, ignore_errors=True)


def _sin_procesador(pid: int) -> float:
    """Los segundos que sus hilos llevan listos y sin procesador; cero si el sistema no lo dice."""
    nanosegundos = 0
    for archivo in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        # Un hilo puede acabar entre que se nombra y se lee.
        with contextlib.suppress(OSError, IndexError):
            nanosegundos += int(archivo.read_text().split()[1])
    return nanosegundos / 1e9


def _soltar_la_base() -> None:
    """La que abrieron las comprobaciones: dos hijos hablarían por el mismo enchufe."""
    for conexion in connections.all(initialized_only=True):
        conexion.close()
        # En PostgreSQL, la reserva guarda las suyas abiertas.
        if cerrar := getattr(conexion, "close_pool", None):
            cerrar()


def _olvidar_metricas(pid: int) -> None:
    if CARPETA in os.environ:
        with contextlib.suppress(OSError):
            multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
