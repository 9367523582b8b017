"""Un bucle parado desde el que se escribe al vuelo, de lote en lote, y sin ningún hilo."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from mensajeria.ordenes.almacen.al_vuelo import AlVuelo
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Orden, Resultado


class Pista:
    """`volaron`: las órdenes que acabaron sin leer nada. En el bucle, Django no deja consultar."""

    def __init__(self) -> None:
        self.bucle = asyncio.new_event_loop()
        self.vuelo = AlVuelo(self.bucle)
        self.volaron = 0

    def ejecutar(self, ejecutor: Ejecutor, ordenes: Sequence[Orden[Any]]) -> list[Resultado]:
        """Como el escritor: al vuelo si se puede; si no, por el otro camino."""
        ejecutor.vuelo = self.vuelo
        self.vuelo.abrir()
        resultados = self.bucle.run_until_complete(self._al_vuelo(ejecutor, ordenes))
        if resultados is None:
            return ejecutor.ejecutar(ordenes)
        self.volaron += len(ordenes)
        return resultados

    async def _al_vuelo(
        self, ejecutor: Ejecutor, ordenes: Sequence[Orden[Any]]
    ) -> list[Resultado] | None:
        # La conexión se toma en una vuelta.
        await asyncio.sleep(0)
        llegada: asyncio.Future[list[Resultado] | None] = self.bucle.create_future()
        if not ejecutor.al_vuelo(ordenes, llegada.set_result):
            return None
        return await llegada

    def cerrar(self) -> None:
        """Y con él, su conexión."""
        self.vuelo.cerrar()
        self.bucle.close()
