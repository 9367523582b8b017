"""El escritor de un proceso: toma lo que esté esperando como un lote y lo confirma junto.

Sin espera fija: mientras un lote se confirma en su hilo, se forma el siguiente. Por él va todo lo
que se pide en un proceso que atiende a clientes, venga de un socket, de REST o de la mesa.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from time import perf_counter, time

from django.conf import settings
from django.db import connection, connections

from mensajeria import metricas, trazas
from mensajeria.base_de_datos import con_conexion_sana
from mensajeria.fallos import error_de
from mensajeria.ordenes.almacen.al_vuelo import AlVuelo
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Orden, Resultado
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar
from mensajeria.protocolo.empujes import MensajeEnviado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

registro = logging.getLogger("mensajeria.ordenes")

MAX_LOTE = 500
# Los que el bucle puede decidir él mismo sin hacer esperar a lo demás.
MAX_AL_VUELO = 32
_CERRADO = ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=1.0)

# Con cuándo se pidió.
Pedido = tuple[Orden[Carga], Callable[[Resultado], None], float]


class Escritor:
    """Se crea dentro del bucle de eventos que lo usa."""

    def __init__(self, ejecutor: Ejecutor) -> None:
        self._ejecutor = ejecutor
        self._bucle = asyncio.get_running_loop()
        self._cola: deque[Pedido] = deque()
        # Hay un lote en el hilo, o a punto de salir.
        self._ocupado = False
        self._vacio = asyncio.Event()
        self._vacio.set()
        # Órdenes que fueron al hilo, y que ya se contestaron, desde el principio; y quien espera,
        # a que se contesten cuántas.
        self._salidas = self._contestadas = 0
        self._atentos: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._lotes: SimpleQueue[list[Pedido] | None] = SimpleQueue()
        self._esperas: set[Future[list[Resultado]]] = set()
        self._cerrado = False
        # Contar en Redis espera, y en el bucle no se espera.
        cabe = connection.vendor == "postgresql" and not settings.REDIS_URL
        self._vuelo = ejecutor.vuelo = AlVuelo(self._bucle) if cabe else None
        # Uno solo: los lotes se confirman en su orden, y sin estorbarse.
        threading.Thread(target=self._escribir, name="escritor", daemon=True).start()

    @property
    def esperan(self) -> int:
        """Las órdenes que aún no van en ningún lote."""
        return len(self._cola)

    def pedir(self, orden: Orden[Carga], al_terminar: Callable[[Resultado], None]) -> None:
        """Encola; `al_terminar` se llama en el bucle, ya confirmado, en el orden de los pedidos."""
        self._cola.append((orden, al_terminar, perf_counter()))
        if not self._ocupado:
            self._ocupado = True
            self._vacio.clear()
            # Lo que llega en esta misma vuelta del bucle va en el mismo lote.
            self._bucle.call_soon(self._soltar)

    def esperar(self, ordenes: Sequence[Orden[Carga]]) -> list[Resultado]:
        """Sus resultados, en su orden; desde un hilo que no es el del bucle, que se para a esperar.

        Si el bucle ya no está, las ejecuta aquí.
        """
        espera: Future[list[Resultado]] = Future()
        try:
            self._bucle.call_soon_threadsafe(self._pedir_juntas, ordenes, espera)
        except RuntimeError:
            return self._ejecutor.ejecutar(ordenes)
        return espera.result()

    def _pedir_juntas(
        self, ordenes: Sequence[Orden[Carga]], espera: Future[list[Resultado]]
    ) -> None:
        resultados: list[Resultado] = []

        def anotar(resultado: Resultado) -> None:
            resultados.append(resultado)
            if len(resultados) == len(ordenes) and espera in self._esperas:
                self._esperas.discard(espera)
                espera.set_result(resultados)

        if self._cerrado:
            espera.set_exception(_CERRADO)
            return
        self._esperas.add(espera)
        for orden in ordenes:
            self.pedir(orden, anotar)

    # En el bucle y en el hilo, por turnos

    def _soltar(self) -> None:
        lote = [self._cola.popleft() for _ in range(min(MAX_LOTE, len(self._cola)))]
        self._salidas += len(lote)
        metricas.ORDENES_POR_LOTE.anotar(len(lote))
        if self._vuelo is None or len(lote) > MAX_AL_VUELO or not self._al_vuelo(lote):
            self._lotes.put(lote)

    def _al_vuelo(self, lote: list[Pedido]) -> bool:
        empezo = perf_counter()

        def acabado(resultados: list[Resultado] | None) -> None:
            if resultados is None:
                self._lotes.put(lote)
                return
            self._responder(lote, resultados, empezo, perf_counter())

        try:
            return self._ejecutor.al_vuelo([orden for orden, _, _ in lote], acabado)
        except Exception:
            # Nada salió: por el otro camino se sabrá de quién es la culpa, y se le dirá.
            registro.exception("Falló un lote al vuelo")
            return False

    def _escribir(self) -> None:
        while (lote := self._lotes.get()) is not None:
            empezo = perf_counter()
            try:
                resultados = con_conexion_sana(
                    self._ejecutor.ejecutar, [orden for orden, _, _ in lote]
                )
            except Exception as error:
                resultados = [error_de(error, "un lote entero")] * len(lote)
            acabo = perf_counter()
            if self._vuelo is not None:
                self._vuelo.abrir()
            try:
                self._bucle.call_soon_threadsafe(self._responder, lote, resultados, empezo, acabo)
            except RuntimeError:
                break
        connections.close_all()

    def _responder(
        self, lote: list[Pedido], resultados: list[Resultado], empezo: float, acabo: float
    ) -> None:
        metricas.SEGUNDOS_POR_LOTE.anotar(acabo - empezo)
        # Lo que ya espera se confirma mientras se responde a estos.
        if self._cola:
            self._soltar()
        else:
            self._ocupado = False
        pasar(Punto.ANTES_DE_ACUSAR)
        for (_, al_terminar, pedido), resultado in zip(lote, resultados, strict=True):
            try:
                al_terminar(resultado)
            except Exception:
                registro.exception("Falló la respuesta a una orden")
            metricas.ACUSE.anotar(perf_counter() - pedido)
        if trazas.encendidas:
            _trazar(lote, resultados, empezo, acabo)
        self._contestadas += len(lote)
        while self._atentos and self._atentos[0][0] <= self._contestadas:
            _, espera = self._atentos.popleft()
            if not espera.done():
                espera.set_result(None)
        if not self._ocupado:
            self._vacio.set()

    async def terminar(self) -> None:
        """Espera a que se confirme y se responda todo lo pedido."""
        await self._vacio.wait()

    async def al_dia(self) -> None:
        """Espera a que se responda lo pedido hasta ahora, aunque se siga pidiendo."""
        hasta = self._salidas + len(self._cola)
        if self._contestadas < hasta:
            espera = self._bucle.create_future()
            self._atentos.append((hasta, espera))
            await espera

    def cerrar(self) -> None:
        """No se pide más: lo que no llegó a salir no se hará, y a quien lo espera se le dice."""
        self._cerrado = True
        self._lotes.put(None)
        if self._vuelo is not None:
            self._vuelo.cerrar()
        while self._esperas:
            self._esperas.pop().set_exception(_CERRADO)


def _trazar(lote: list[Pedido], resultados: list[Resultado], empezo: float, acabo: float) -> None:
    """De cada mensaje: todo desde que se pidió, y de ello, lo que esperó y lo que tardó su lote."""
    reloj = time() - perf_counter()
    for (orden, _, pedido), resultado in zip(lote, resultados, strict=True):
        if not isinstance(resultado, MensajeEnviado) or orden.repetida:
            continue
        de_quien = resultado.conversacion_id, resultado.secuencia_cambio
        trazas.tramo("orden", *de_quien, reloj + pedido, reloj + empezo)
        trazas.tramo("base", *de_quien, reloj + empezo, reloj + acabo, ordenes=len(lote))
        trazas.tramo(
            "trama",
            *de_quien,
            reloj + pedido,
            mensaje=resultado.mensaje_id,
            conexion=orden.actor.conexion,
        )
