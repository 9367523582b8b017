"""Cuánto lee a la vez cada persona, para que una sola no ocupe los hilos de todas."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from mensajeria import metricas
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.consultas.coste import Coste
from mensajeria.entre_procesos.cubos import Cubo, peso
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

T = TypeVar("T")


class Cupo:
    """`a_la_vez` lecturas de cada persona; las demás esperan fuera de los hilos, hasta `en_espera`.

    `pedir` las lleva a su hilo. En `/metrics`, su cola se llama `nombre`. Se usa desde el bucle de
    eventos.
    """

    def __init__(
        self,
        pedir: Callable[..., asyncio.Future[Any]],
        a_la_vez: int,
        en_espera: int,
        nombre: str = "",
    ) -> None:
        self._pedir = pedir
        self._a_la_vez = a_la_vez
        self._tope = a_la_vez + en_espera
        self._pendientes: Counter[str] = Counter()
        self._turnos: dict[str, asyncio.Semaphore] = {}
        if nombre:
            metricas.COLAS[nombre] = self._pendientes.total

    async def leer(self, cubo: Cubo, funcion: Callable[..., T], *args: Any) -> T:
        """Lo que devuelva, cuando le toque a la persona de `cubo`, a quien se cobra lo leído.

        RATE_LIMITED si ya esperan demasiadas suyas, o si entonces no le queda ritmo. Un hilo no se
        interrumpe: aunque quien la pidió se vaya, ocupa su turno y se cobra cuando acaba.
        """
        quien, coste = cubo.clave, Coste()
        turno = self._hacer_cola(quien)
        try:
            await turno.acquire()
        except BaseException:
            self._salir(quien)
            raise

        def acabada(_: object = None) -> None:
            turno.release()
            self._salir(quien)
            cubo.cobrar(peso(coste.filas, coste.bytes))

        try:
            # Otra vez: mientras esperaba se le cobró lo anterior.
            cubo.exigir()
            lectura = self._pedir(coste.contar, funcion, *args)
        except BaseException:
            acabada()
            raise
        lectura.add_done_callback(acabada)
        resultado: T = await asyncio.shield(lectura)
        return resultado

    @contextlib.asynccontextmanager
    async def turno(self, quien: str) -> AsyncIterator[None]:
        """El suyo, cuando le toque; RATE_LIMITED si ya esperan demasiados."""
        turno = self._hacer_cola(quien)
        try:
            async with turno:
                yield
        finally:
            self._salir(quien)

    def _hacer_cola(self, quien: str) -> asyncio.Semaphore:
        if self._pendientes[quien] >= self._tope:
            raise ErrorMensajeria(
                CodigoError.RATE_LIMITED, "Demasiadas peticiones a la vez", reintentar_en=1.0
            )
        self._pendientes[quien] += 1
        return self._turnos.setdefault(quien, asyncio.Semaphore(self._a_la_vez))

    def _salir(self, quien: str) -> None:
        self._pendientes[quien] -= 1
        if not self._pendientes[quien]:
            del self._pendientes[quien], self._turnos[quien]


# Una sola: los hilos se reparten el procesador, y con dos no acabaría antes. Cada conexión pide de
# una en una, así que no esperan más que las conexiones que caben.
cupo_de_lecturas = Cupo(en_hilo_de_lectura.pedir, 1, 1_000, "lecturas")
