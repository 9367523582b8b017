"""Lo que PostgreSQL espera como mucho: en cada sesión o, si es prestada, en cada transacción.

Un intermediario que presta las suyas por transacciones (PgBouncer) ni admite `options` al conectar
ni guarda nada entre una y otra: lo que se fijara en la sesión le llegaría a otro.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.signals import connection_created
from psycopg import pq

# En milisegundos. El último: un proceso parado a medio escribir no retiene su conversación más.
_PLAZOS: Final = {
    "statement_timeout": 10_000,
    "lock_timeout": 1_500,
    "idle_in_transaction_session_timeout": 10_000,
}

_prestadas: WeakKeyDictionary[pq.abc.PGconn, bool] = WeakKeyDictionary()


def _fijar(solo_aqui: str) -> str:
    """Los que no traigan ya la cuenta o la dirección (`options=-c statement_timeout=…`)."""
    return ", ".join(
        f"set_config('{nombre}', CASE current_setting('{nombre}') WHEN '0' THEN '{valor}'"
        f" ELSE current_setting('{nombre}') END, {solo_aqui})"
        for nombre, valor in _PLAZOS.items()
    )


EN_LA_TRANSACCION: Final = f"SELECT {_fijar('true')}"
# El intermediario se inventa el número de proceso que da al conectar.
_AL_CONECTAR: Final = f"SELECT pg_backend_pid() <> %s, {_fijar('pg_backend_pid() <> %s')}"


def es_prestada(pgconn: pq.abc.PGconn) -> bool:
    """Si esa conexión de libpq, ya usada por Django, llega a sesiones que usan otros."""
    return _prestadas.get(pgconn, False)


def fijar_en_la_transaccion() -> None:
    """En una sesión prestada, los plazos de la transacción abierta; en una nuestra ya están."""
    conexion: Any = connection
    if conexion.vendor != "postgresql":
        return
    conexion.ensure_connection()
    if es_prestada(conexion.connection.pgconn):
        with conexion.cursor() as cursor:
            cursor.execute(EN_LA_TRANSACCION)


def _al_conectar(connection: Any, **_: Any) -> None:
    """Django avisa cada vez que toma una de la reserva; los plazos se ponen la primera."""
    if connection.vendor != "postgresql" or connection.connection.pgconn in _prestadas:
        return
    pgconn = connection.connection.pgconn
    try:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(_AL_CONECTAR, [pgconn.backend_pid] * (1 + len(_PLAZOS)))
            _prestadas[pgconn] = cursor.fetchone()[0]
    except BaseException:
        # Sin saber de quién es, no vale.
        connection.close()
        raise


connection_created.connect(_al_conectar)
