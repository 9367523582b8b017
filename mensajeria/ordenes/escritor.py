"""El escritor de un proceso: toma lo que esté esperando como un lote y lo confirma junto.

Sin espera fija: mientras un lote se confirma en su hilo, se forma el siguiente.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from mensajeria import metricas
from mensajeria.base_de_datos import Hilo
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Orden, Resultado
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

registro = logging.getLogger("mensajeria.ordenes")

MAX_LOTE = 500


class Escritor:
    """Se crea dentro del bucle de eventos que lo usa."""

    def __init__(self, ejecutor: Ejecutor) -> None:
        self._ejecutor = ejecutor
        self._cola: deque[tuple[Orden[Carga], Callable[[Resultado], None]]] = deque()
        self._hay = asyncio.Event()
        self._vacio = asyncio.Event()
        self._vacio.set()
        # Uno solo: los lotes se confirman en su orden, y sin estorbarse.
        self._hilo = Hilo("escritor", 1)
        self._tarea = asyncio.create_task(self._confirmar())

    def pedir(self, orden: Orden[Carga], al_terminar: Callable[[Resultado], None]) -> None:
        """Encola; `al_terminar` se llama en el bucle, ya confirmado, en el orden de los pedidos."""
        self._cola.append((orden, al_terminar))
        self._vacio.clear()
        self._hay.set()

    async def _confirmar(self) -> None:
        while True:
            await self._hay.wait()
            lote = [self._cola.popleft() for _ in range(min(MAX_LOTE, len(self._cola)))]
            metricas.ORDENES_POR_LOTE.observe(len(lote))
            try:
                with metricas.SEGUNDOS_POR_LOTE.time():
                    resultados = await self._hilo(
                        self._ejecutor.ejecutar, [orden for orden, _ in lote]
                    )
            except Exception:
                registro.exception("Falló un lote entero")
                resultados = [ErrorMensajeria(CodigoError.INTERNAL_ERROR)] * len(lote)
            pasar(Punto.ANTES_DE_ACUSAR)
            for (_, al_terminar), resultado in zip(lote, resultados, strict=True):
                try:
                    al_terminar(resultado)
                except Exception:
                    registro.exception("Falló la respuesta a una orden")
            if not self._cola:
                self._hay.clear()
                self._vacio.set()

    async def terminar(self) -> None:
        """Espera a que se confirme y se responda todo lo pedido."""
        await self._vacio.wait()

    def cerrar(self) -> None:
        self._tarea.cancel()
        self._hilo.cerrar()
