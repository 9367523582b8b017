"""Quién está presente en este proceso, anunciado sin parpadeos."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from mensajeria.base_de_datos import en_hilo_de_presencia
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.arriendos import LATIDO
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.operaciones import presencia

registro = logging.getLogger("mensajeria.central")

# Quien vuelve antes de esto, en segundos, no se había ido.
GRACIA = 2.0


class Asistencia:
    """La presencia, vista desde un proceso: qué claves sostiene, con una gracia antes de soltarlas.

    Los anuncios salen por `emitir`.
    """

    def __init__(self, emitir: Callable[[list[Sobre]], None]) -> None:
        self._emitir = emitir
        self._sostenidas: set[Clave] = set()
        self._sockets = 0
        self._llegan: list[Clave] = []
        self._se_van: list[Clave] = []
        self._hay = asyncio.Event()
        self._tareas: list[asyncio.Task[None]] = []

    def arrancar(self, sigue: Callable[[Clave], bool]) -> None:
        """`sigue` dice si una clave la sostiene todavía alguna conexión de este proceso."""
        self._sigue = sigue
        self._tareas = [
            asyncio.create_task(self._anunciar()),
            asyncio.create_task(self._latir()),
        ]

    def contar(self, mas: int) -> None:
        """Tantas conexiones con usuario más en este proceso: para las cifras de todos."""
        self._sockets += mas
        compartido().presencia.sockets = self._sockets

    def llega(self, clave: Clave) -> None:
        if clave not in self._sostenidas:
            self._sostenidas.add(clave)
            self._llegan.append(clave)
            self._hay.set()

    def quiza_se_va(self, clave: Clave) -> None:
        """Pasada la gracia, si nadie la sostiene, se anuncia que se fue."""
        if clave in self._sostenidas:
            asyncio.get_running_loop().call_later(GRACIA, self._comprobar, clave)

    def _comprobar(self, clave: Clave) -> None:
        if clave in self._sostenidas and not self._sigue(clave):
            self._sostenidas.discard(clave)
            self._se_van.append(clave)
            self._hay.set()

    async def _anunciar(self) -> None:
        while True:
            await self._hay.wait()
            self._hay.clear()
            llegan, self._llegan = self._llegan, []
            se_van, self._se_van = self._se_van, []
            # Una clave no está a la vez en las dos: entre soltarla y volver pasa por aquí.
            for tanda, hacer in ((se_van, presencia.irse), (llegan, presencia.llegar)):
                if tanda:
                    await self._intentar(hacer, tanda)

    async def _latir(self) -> None:
        while True:
            await self._intentar(presencia.latir)
            await asyncio.sleep(LATIDO)

    async def _intentar(self, hacer: Callable[..., list[Sobre]], *datos: object) -> None:
        def anotar_y_emitir() -> None:
            self._emitir(hacer(*datos))

        try:
            # En el mismo hilo: lo que Redis ya sabe se anuncia, aunque nadie espere a que acabe.
            await en_hilo_de_presencia(anotar_y_emitir)
        except Exception:
            registro.exception("No se pudo anunciar la presencia")

    async def soltar_todo(self) -> None:
        """Lo que sostiene este proceso, que se está deteniendo, queda sin sostener."""
        for tarea in self._tareas:
            tarea.cancel()
        if self._sostenidas:
            await self._intentar(presencia.irse, list(self._sostenidas))
