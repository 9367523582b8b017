"""Quién está presente en este proceso, anunciado sin parpadeos."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Set

from mensajeria.base_de_datos import en_hilo_de_presencia
from mensajeria.compas import hasta_el_siguiente
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.arriendos import LATIDO
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave, Claves
from mensajeria.fallos import error_de
from mensajeria.operaciones import presencia

# Quien vuelve antes de esto, en segundos, no se había ido.
GRACIA = 2.0
# Cada cuánto se dice, como mucho, cuántos hay en una conversación numerosa.
RECUENTO = 1.0


class Asistencia:
    """La presencia, vista desde un proceso: qué claves sostiene, con una gracia antes de soltarlas.

    Los anuncios salen por `emitir`.
    """

    def __init__(self, emitir: Callable[[list[Sobre]], None]) -> None:
        self._emitir = emitir
        self._sostenidas = Claves()
        # Qué miran aquí los que tienen alguna página visible, y de quién hay que decir que cambió.
        self._miran: dict[str, Set[str]] = {}
        self._por_decir: set[str] = set()
        self._sockets = 0
        self._llegan: list[Clave] = []
        self._se_van: list[Clave] = []
        self._hay = asyncio.Event()
        self._tareas: list[asyncio.Task[None]] = []

    def arrancar(
        self, sigue: Callable[[Clave], bool], salas_de: Callable[[str], Collection[str]]
    ) -> None:
        """`sigue` dice si una clave la sostiene todavía alguna conexión de este proceso, y
        `salas_de`, en qué conversaciones está un usuario que las tiene.
        """
        self._sigue = sigue
        self._salas_de = salas_de
        self._tareas = [
            asyncio.create_task(self._anunciar()),
            asyncio.create_task(self._latir()),
            asyncio.create_task(self._contar()),
        ]

    def contar(self, mas: int) -> None:
        """Tantas conexiones con usuario más en este proceso: para las cifras de todos."""
        self._sockets += mas
        compartido().presencia.sockets = self._sockets

    def llegan(self, claves: Iterable[Clave]) -> None:
        nuevas = [clave for clave in claves if self._sostenidas.agregar(clave)]
        if nuevas:
            self._llegan += nuevas
            self._hay.set()

    def quiza_se_van(self, claves: Iterable[Clave]) -> None:
        """Pasada la gracia, de las que nadie sostenga se anuncia que se fueron."""
        sostenidas = [clave for clave in claves if clave in self._sostenidas]
        if sostenidas:
            asyncio.get_running_loop().call_later(GRACIA, self._comprobar, sostenidas)

    def mira(self, usuario: str, cuales: Set[str]) -> None:
        """Las conversaciones que sus conexiones de aquí tienen a la vista; la vacía, todas."""
        if cuales == self._miran.get(usuario, set()):
            return
        if cuales:
            self._miran[usuario] = cuales
        else:
            del self._miran[usuario]
        self._por_decir.add(usuario)
        self._hay.set()

    def _comprobar(self, claves: list[Clave]) -> None:
        idas = [c for c in claves if not self._sigue(c) and self._sostenidas.quitar(c)]
        for clave in idas:
            if not clave.conversacion:
                self.mira(clave.usuario, set())
        if idas:
            # La que llegó y se va antes de que se dijera no se dice: saldría después de la otra.
            calladas = {c for c in self._llegan if c not in self._sostenidas}
            self._llegan = [c for c in self._llegan if c not in calladas]
            self._se_van += [c for c in idas if c not in calladas]
            self._hay.set()

    async def _anunciar(self) -> None:
        while True:
            await self._hay.wait()
            self._hay.clear()
            cambian, self._por_decir = self._por_decir, set()
            llegan, self._llegan = self._llegan, []
            se_van, self._se_van = self._se_van, []
            if cambian:
                que = {u: self._miran.get(u, frozenset()) for u in cambian}
                await self._intentar(presencia.mirar, que)
            # La que está en las dos se fue, y ha vuelto.
            if se_van:
                await self._intentar(presencia.irse, se_van)
            if llegan:
                quienes = {c.usuario for c in llegan if not c.conversacion}
                de_cada_uno = {usuario: list(self._salas_de(usuario)) for usuario in quienes}
                await self._intentar(presencia.llegar, llegan, de_cada_uno)

    async def _latir(self) -> None:
        while True:
            await self._intentar(presencia.latir)
            await asyncio.sleep(LATIDO)

    async def _contar(self) -> None:
        while True:
            await asyncio.sleep(hasta_el_siguiente(RECUENTO))
            await self._intentar_contar()

    async def _intentar_contar(self) -> None:
        if compartido().presencia.por_contar:
            await self._intentar(presencia.contar)

    async def _intentar(self, hacer: Callable[..., list[Sobre]], *datos: object) -> None:
        def anotar_y_emitir() -> None:
            self._emitir(hacer(*datos))

        try:
            # En el mismo hilo: lo que Redis ya sabe se anuncia, aunque nadie espere a que acabe.
            await en_hilo_de_presencia(anotar_y_emitir)
        except Exception as error:
            error_de(error, "anunciar la presencia")

    async def soltar_todo(self) -> None:
        """Lo que sostiene este proceso, que se está deteniendo, queda sin sostener."""
        for tarea in self._tareas:
            tarea.cancel()
        if self._miran:
            await self._intentar(presencia.mirar, dict.fromkeys(self._miran, frozenset()))
        if sostenidas := list(self._sostenidas):
            await self._intentar(presencia.irse, sostenidas)
        await self._intentar_contar()
        if compartido().presencia.por_contar:
            # Se acaba de decir, y nadie más sabe que los de aquí se van.
            await asyncio.sleep(RECUENTO)
            await self._intentar_contar()
