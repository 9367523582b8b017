"""Quien envía en una sala y quienes reciben, a un ritmo u otro."""

from __future__ import annotations

import asyncio
import itertools
import time

from bancos.carga.conexion import Conexion

PLAZO = 60.0
# Únicos en toda la corrida: un `idCliente` repetido devolvería el mensaje de la vez anterior.
_numeros = itertools.count(1)


class Sala:
    """Envía la primera conexión; un mensaje está hecho cuando tiene acuse y llegó a todas.

    `acuses` son los segundos que tardó cada uno, y `hechos` cuántos van.
    """

    def __init__(self, conversacion: str, quien: str, conexiones: list[Conexion]) -> None:
        self._conversacion, self._quien = conversacion, quien
        self.conexiones = conexiones
        self._emisora = conexiones[0]
        self.acuses: list[float] = []
        self.enviados = 0
        self._salidas: dict[int, float] = {}
        self._entregas = 0
        self._en_vuelo = 0
        self._algo = asyncio.Event()
        self._emisora.al_acusar = self._acusado
        for c in conexiones:
            c.al_entregar = self._entregado
        if not self._emisora.dialecto.acusa:
            self._emisora.al_entregar = self._vuelto

    @property
    def entregas(self) -> int:
        return self._entregas

    @property
    def hechos(self) -> int:
        return min(len(self.acuses), self._entregas // len(self.conexiones))

    def _enviar(self) -> None:
        n = next(_numeros)
        self.enviados += 1
        self._salidas[n] = time.perf_counter()
        e = self._emisora
        e.escribir(e.dialecto.enviar(self._conversacion, n, self._quien))

    def _acusado(self, n: int) -> None:
        self.acuses.append(time.perf_counter() - self._salidas.pop(n))
        self._avanzar()

    def _vuelto(self) -> None:
        self._entregas += 1
        self._acusado(next(iter(self._salidas)))

    def _entregado(self) -> None:
        self._entregas += 1
        if self._entregas % len(self.conexiones) == 0:
            self._avanzar()

    def _avanzar(self) -> None:
        while self.enviados - self.hechos < self._en_vuelo:
            self._enviar()
        self._algo.set()

    def empezar(self, en_vuelo: int) -> None:
        """Desde ahora, siempre tantos mensajes sin terminar."""
        self._en_vuelo = en_vuelo
        self._avanzar()

    async def a_ritmo(self, por_segundo: float, segundos: float) -> None:
        """Uno cada tanto, haya contestado o no el anterior; vuelve cuando están todos hechos."""
        inicio = time.perf_counter()
        for i in range(int(por_segundo * segundos)):
            espera = inicio + i / por_segundo - time.perf_counter()
            if espera > 0:
                await asyncio.sleep(espera)
            self._enviar()
        await self.terminar()

    async def terminar(self) -> None:
        """Deja de enviar y espera a lo que queda."""
        self._en_vuelo = 0
        try:
            async with asyncio.timeout(PLAZO):
                while self.hechos < self.enviados:
                    self._algo.clear()
                    await self._algo.wait()
        except TimeoutError:
            self.comprobar()
            raise

    def comprobar(self) -> None:
        """Una figura con mensajes negados o conexiones caídas no es una figura."""
        for c in self.conexiones:
            if c.fallo is not None or c.cerrada.done():
                raise RuntimeError(f"{self._conversacion}: {c.fallo or 'se cerró'}")
