"""Migrar con otros en marcha: de uno en uno, sin plazo de sentencia y sin hacer cola."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from django.core.management import call_command
from django.db import OperationalError, connection
from pymongo.errors import DuplicateKeyError, PyMongoError

from mensajeria.fallos import es_cerrojo_ajeno
from mensajeria.models import nuevo_id
from mensajeria.plazos import es_prestada

# Cada cuánto mira si ya le toca. En PostgreSQL no se espera dentro de la base: quien espera en una
# sentencia detiene al que hace un índice sin parar a nadie, que lo espera a él.
RONDA: Final = 0.2
# El candado, en `pg_locks`: las primeras letras de «servitech», en número.
_CANDADO: Final = int.from_bytes(b"servitec", "big")
# Lo que vale el de MongoDB de quien no lo renueva, que lo hace cada tercio: murió sin soltarlo.
ARRIENDO: Final = timedelta(minutes=1)
# Lo que se intenta una migración a la que otros no dejan su tabla: cada vez son 1,5 s.
_INTENTOS: Final = 40


@contextlib.contextmanager
def de_uno_en_uno(decir: Callable[[str], object]) -> Iterator[None]:
    """Si otro proceso, de aquí o de otra máquina, está en ello, espera a que acabe."""
    de_cada_base = {"postgresql": _en_postgresql, "sqlite": _en_sqlite, "mongodb": _en_mongo}
    with de_cada_base[connection.vendor]() as tomar:
        if not tomar():
            decir("Otro está preparando la base: se le espera.")
            while not tomar():
                time.sleep(RONDA)
        yield


def migrar(decir: Callable[[str], object]) -> None:
    """`migrate`, y la tabla de la caché."""
    _sin_plazo_de_sentencia()
    for intento in range(1, _INTENTOS + 1):
        try:
            call_command("migrate", verbosity=0, interactive=False)
            break
        except OperationalError as error:
            # Esperar a la tabla haría esperar detrás a todo el que la use.
            if intento == _INTENTOS or not es_cerrojo_ajeno(error):
                raise
            if intento == 1:
                decir("Hay quien está usando una tabla que cambia: se insiste.")
            time.sleep(RONDA)
    call_command("createcachetable", verbosity=0)


def _sin_plazo_de_sentencia() -> None:
    """En esta conexión, que es la de migrar: hacer un índice puede tardar horas.

    En una sesión prestada no hay ninguno puesto, y si lo hubiera sería de otros.
    """
    conexion: Any = connection
    if conexion.vendor != "postgresql":
        return
    conexion.ensure_connection()
    if not es_prestada(conexion.connection.pgconn):
        with conexion.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")


@contextlib.contextmanager
def _en_postgresql() -> Iterator[Callable[[], bool]]:
    """En una transacción suya, que también vale tras un PgBouncer y se suelta al morir."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as aparte:

        def tomar() -> bool:
            aparte.execute("BEGIN")
            for plazo in ("idle_in_transaction_session_timeout", "statement_timeout"):
                aparte.execute(f"SET LOCAL {plazo} = 0")
            fila: Any = aparte.execute(f"SELECT pg_try_advisory_xact_lock({_CANDADO})").fetchone()
            if not fila[0]:
                aparte.execute("ROLLBACK")
            return bool(fila[0])

        yield tomar


@contextlib.contextmanager
def _en_sqlite() -> Iterator[Callable[[], bool]]:
    """El de un archivo al lado del suyo: el suyo lo cierra SQLite con otros candados."""
    archivo = connection.settings_dict["ARCHIVO"]
    try:
        abierto = Path(f"{archivo}-preparar").open("w")  # noqa: SIM115
    except OSError as error:
        razon = f"no se puede escribir junto a {archivo}: {error.strerror}"
        raise OperationalError(razon) from None
    with abierto as candado:

        def tomar() -> bool:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(candado, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False

        yield tomar


@contextlib.contextmanager
def _en_mongo() -> Iterator[Callable[[], bool]]:
    mongo: Any = connection
    mongo.ensure_connection()
    candados = mongo.get_collection("mensajeria_candado")
    mio = {"_id": "preparar", "de": nuevo_id()}
    acabado = threading.Event()

    def tomar() -> bool:
        candados.delete_one({"_id": "preparar", "hasta": {"$lt": _ahora()}})
        with contextlib.suppress(DuplicateKeyError):
            candados.insert_one({**mio, "hasta": _ahora() + ARRIENDO})
            return True
        return False

    def renovar() -> None:
        while not acabado.wait(ARRIENDO.total_seconds() / 3):
            with contextlib.suppress(PyMongoError):
                candados.update_one(mio, {"$set": {"hasta": _ahora() + ARRIENDO}})

    renueva = threading.Thread(target=renovar, daemon=True)
    renueva.start()
    try:
        yield tomar
    finally:
        acabado.set()
        renueva.join()
        candados.delete_one(mio)


def _ahora() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
