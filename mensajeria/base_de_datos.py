"""Lo único que de verdad cambia entre SQLite, PostgreSQL y MongoDB, y los hilos que las usan."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from django.db import OperationalError, connection, connections, transaction

from mensajeria.fallos import es_conflicto, no_deja_escribir, soltar_conexion
from mensajeria.plazos import fijar_en_la_transaccion

T = TypeVar("T")
A = TypeVar("A")
R = TypeVar("R")

MAX_TANDA = 200
# Las veces que se repite lo que otra transacción cruza.
REPETICIONES = 8


class _PorLlegada:
    """Un cerrojo que se da por orden de llegada.

    SQLite deja escribir a uno, y a los demás los hace dormir y probar suerte; MongoDB hace repetir
    a quien se cruza. Con quien escribe sin parar, otro hilo podría no entrar nunca.
    """

    def __init__(self) -> None:
        self._cerrojo = threading.Lock()
        self._cola: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        mio = threading.Lock()
        mio.acquire()
        with self._cerrojo:
            self._cola.append(mio)
            primero = len(self._cola) == 1
        if not primero:
            mio.acquire()

    def __exit__(self, *_: object) -> None:
        with self._cerrojo:
            self._cola.popleft()
            if self._cola:
                self._cola[0].release()


turno_de_escritura = _PorLlegada()


@contextlib.contextmanager
def atomico() -> Iterator[None]:
    """Una transacción de verdad en las tres bases; anidada, se une a la de fuera."""
    if connection.vendor == "mongodb":
        mongo: Any = connection
        anidada = mongo.in_atomic_block_mongo
        with contextlib.nullcontext() if anidada else turno_de_escritura, _de_mongo():
            yield
        return
    espera = connection.vendor == "sqlite" and not connection.in_atomic_block
    cerrojo = turno_de_escritura if espera else contextlib.nullcontext()
    with cerrojo, transaction.atomic(savepoint=False):
        fijar_en_la_transaccion()
        yield


def en_transaccion(funcion: Callable[..., T], *args: Any) -> T:
    """Lo que da `funcion` en una transacción; otra vez, entera, si la cruza otra."""
    conexion: Any = connection
    anidada = conexion.in_atomic_block or getattr(conexion, "in_atomic_block_mongo", False)
    for intento in itertools.count(1):
        try:
            with atomico():
                return funcion(*args)
        except Exception as error:
            if anidada or intento == REPETICIONES or not es_conflicto(error):
                raise
        time.sleep(random.uniform(0, 0.05))
    raise AssertionError


@contextlib.contextmanager
def _de_mongo() -> Iterator[None]:
    """La transacción de su backend, que es la que vale.

    La de Django (como la que abre el admin) no hace nada: dentro de ella, esta es la de fuera. La
    del backend 5.2.4 se niega entonces a avisar al confirmar, y deja la sesión abierta cuando lo
    que falla es el propio `commit`.
    """
    from django_mongodb_backend.transaction import atomic

    mongo: Any = connection
    exterior = not mongo.in_atomic_block_mongo
    en_la_de_django = mongo.in_atomic_block
    try:
        with atomic():
            yield
            if exterior:
                mongo.in_atomic_block = False
    except BaseException as error:
        if exterior:
            _soltar_sesion(mongo)
            if type(error).__module__.startswith("pymongo"):
                raise OperationalError(str(error)) from error
        raise
    finally:
        mongo.in_atomic_block = en_la_de_django


@contextlib.contextmanager
def instantanea() -> Iterator[None]:
    """Varias lecturas de un mismo instante: lo que se confirme entre medias no se ve a medias.

    No espera a quien escribe.
    """
    if connection.vendor == "mongodb":
        with _de_mongo():
            yield
        return
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        # `atomic` abriría con IMMEDIATE, que es el cerrojo de escritura.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("COMMIT")
        return
    exterior = not connection.in_atomic_block
    with transaction.atomic(savepoint=False):
        if exterior and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        fijar_en_la_transaccion()
        yield


def _soltar_sesion(mongo: Any) -> None:
    mongo.run_on_commit = []
    sesion = mongo.session
    if sesion is not None:
        mongo.session = None
        with contextlib.suppress(Exception):
            sesion.end_session()


def con_conexion_sana(funcion: Callable[..., T], *args: Any) -> T:
    """La conexión de estos hilos dura; tras un error, solo si todavía sirve."""
    if connection.errors_occurred:
        if connection.is_usable():
            connection.errors_occurred = False
        else:
            connection.close()
    try:
        return funcion(*args)
    except Exception as error:
        if no_deja_escribir(error):
            soltar_conexion()
        raise


class Hilo:
    """Un grupo de hilos con sus conexiones a la base, para llamarlos desde el bucle de eventos."""

    def __init__(self, nombre: str, cuantos: int) -> None:
        self._ejecutor = ThreadPoolExecutor(cuantos, thread_name_prefix=nombre)

    async def __call__(self, funcion: Callable[..., T], *args: Any) -> T:
        return await self.pedir(funcion, *args)

    def pedir(self, funcion: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        bucle = asyncio.get_running_loop()
        return bucle.run_in_executor(self._ejecutor, con_conexion_sana, funcion, *args)

    def cerrar(self) -> None:
        """De un hilo solo: termina lo ya pedido, cierra su conexión y no se pide más."""
        self._ejecutor.submit(connections.close_all)
        self._ejecutor.shutdown(wait=False)


class EnTandas(Generic[A, R]):
    """Junta en un solo salto de hilo lo que se pide a la vez, o mientras dura el anterior.

    `hacer` recibe lo pedido y devuelve un resultado por cada cosa, en su orden; si lanza, les falla
    a todos. Sin espera fija: quien llega solo sale solo. Se usa desde el bucle de eventos.
    """

    def __init__(self, hilo: Hilo, hacer: Callable[[list[A]], Sequence[R]]) -> None:
        self._hilo = hilo
        self._hacer = hacer
        self._esperan: list[tuple[A, asyncio.Future[R]]] = []
        self._tarea: asyncio.Task[None] | None = None

    def pedir(self, cosa: A) -> asyncio.Future[R]:
        futuro: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._esperan.append((cosa, futuro))
        if self._tarea is None or self._tarea.done():
            self._tarea = asyncio.create_task(self._atender())
        return futuro

    async def _atender(self) -> None:
        while self._esperan:
            tanda = self._esperan[:MAX_TANDA]
            del self._esperan[:MAX_TANDA]
            try:
                resultados = await self._hilo(self._hacer, [cosa for cosa, _ in tanda])
            except Exception as error:
                for _, futuro in tanda:
                    if not futuro.done():
                        futuro.set_exception(error)
            else:
                for (_, futuro), resultado in zip(tanda, resultados, strict=True):
                    if not futuro.done():
                        futuro.set_result(resultado)


en_hilo_de_lectura = Hilo("lecturas", 4)
# Uno solo: lo que se anota en Redis de una clave llega en su orden.
en_hilo_de_presencia = Hilo("presencia", 1)
