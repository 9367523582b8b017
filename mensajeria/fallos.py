"""Qué le pasa a la base cuando falla, y cómo se dice: a quien pidió, y en el registro.

Una caída es un suceso: mil peticiones que la encuentran son una línea.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Iterator

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.base")

# Estados SQL de PostgreSQL que se curan repitiendo: serialización e interbloqueo.
_REPETIBLES = {"40001", "40P01"}
_CERROJO_AJENO = "55P03"
# Con los que una base que lee no deja escribir: es una réplica, o `default_transaction_read_only`;
# a la cuenta se le quitó el permiso; o el disco está lleno. Lo mismo, en SQLite y en MongoDB.
_SIN_ESCRIBIR = {"25006", "42501", "53100"}
_SIN_ESCRIBIR_EN_SQLITE = ("SQLITE_READONLY", "SQLITE_FULL")
_SIN_ESCRIBIR_EN_MONGO = {13, 14031}
# PostgreSQL cortó una transacción parada o larga: psycopg no los da por fallos de la base.
_CORTADAS = {"25P03", "25P04"}
SOLO_LECTURA = "De momento solo se puede leer: no se ha guardado nada"
SEGUNDOS_PARA_REPETIR = 1.0

_no_responde = Suceso(
    registro, "La base de datos no responde (%s)", "La base de datos responde otra vez"
)
_no_escribe = Suceso(
    registro,
    "La base de datos no deja escribir (%s): se lee, y lo demás se niega",
    "La base de datos deja escribir otra vez",
)


def _de_mongo(nombre: str) -> tuple[type[Exception], ...]:
    """Esa clase de `pymongo.errors`, si alguien lo ha cargado: solo por eso, no vale un cuarto de
    segundo en cada arranque.
    """
    errores = sys.modules.get("pymongo.errors")
    return () if errores is None else (getattr(errores, nombre),)


def errores_de_la_base() -> tuple[type[Exception], ...]:
    """Los que puede lanzar la que se usa, por Django o por su biblioteca."""
    return (DatabaseError, *_de_mongo("PyMongoError"))


def _cadena(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def es_conflicto(error: BaseException) -> bool:
    """El lote puede salir bien si se repite entero: lo cruzó otra transacción.

    Un duplicado también: al repetir ya se ve la fila que ganó.
    """
    if isinstance(error, IntegrityError):
        return True
    # Sin primario, MongoDB dice que se puede repetir: cuándo, no se sabe.
    if any(isinstance(e, _de_mongo("ConnectionFailure")) for e in _cadena(error)):
        return False
    for e in _cadena(error):
        etiqueta = getattr(e, "has_error_label", None)
        if etiqueta is not None and etiqueta("TransientTransactionError"):
            return True
        if getattr(e, "sqlstate", None) in _REPETIBLES:
            return True
        if getattr(e, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return True
    return False


def es_cerrojo_ajeno(error: BaseException) -> bool:
    """Alguien de fuera retiene una fila: las órdenes que no la tocan pueden salir bien."""
    return any(getattr(e, "sqlstate", None) == _CERROJO_AJENO for e in _cadena(error))


def no_deja_escribir(error: BaseException) -> bool:
    """La base lee y no escribe: es de solo lectura, no le queda disco o no hay primario."""
    return any(
        getattr(e, "sqlstate", None) in _SIN_ESCRIBIR
        or getattr(e, "sqlite_errorname", "").startswith(_SIN_ESCRIBIR_EN_SQLITE)
        or isinstance(e, _de_mongo("NotPrimaryError"))
        or (
            isinstance(e, _de_mongo("OperationFailure"))
            and getattr(e, "code", None) in _SIN_ESCRIBIR_EN_MONGO
        )
        for e in _cadena(error)
    )


def es_plazo_de_mongo(error: BaseException) -> bool:
    """Se acabó el tiempo que le daba `pymongo.timeout`."""
    return any(getattr(e, "timeout", False) is True for e in _cadena(error))


def es_caida(error: BaseException) -> bool:
    """La base no responde, tardó demasiado o no deja escribir: no es culpa de lo que se pidió."""
    return no_deja_escribir(error) or any(
        isinstance(e, (OperationalError, InterfaceError, *_de_mongo("ConnectionFailure")))
        or type(e).__name__ == "PoolTimeout"
        or getattr(e, "sqlstate", None) in _CORTADAS
        for e in _cadena(error)
    )


def caida(error: BaseException) -> ErrorMensajeria:
    """Lo que se le dice a quien pidió; en el registro queda el suceso, una vez.

    La conexión de este hilo se suelta si no deja escribir: puede haber otra que sí (se promovió
    otro servidor, o el archivo volvió a ser de quien lo abre).
    """
    if not no_deja_escribir(error):
        _no_responde.pasa(type(error).__name__)
        return ErrorMensajeria(CodigoError.UNAVAILABLE, reintentar_en=SEGUNDOS_PARA_REPETIR)
    _no_escribe.pasa(type(error).__name__)
    soltar_conexion()
    return ErrorMensajeria(
        CodigoError.UNAVAILABLE, SOLO_LECTURA, reintentar_en=SEGUNDOS_PARA_REPETIR
    )


_escrito = float("-inf")


def va_bien(*, escribio: bool = False) -> None:
    """Se leyó, o también se escribió: lo que se dijo que fallaba puede haber acabado."""
    global _escrito
    _no_responde.no_pasa()
    if escribio:
        _escrito = time.monotonic()
        _no_escribe.no_pasa()


def responde() -> bool:
    """Falso desde que la base no respondió en este proceso hasta que responde."""
    return not _no_responde.dura


def deja_escribir() -> bool:
    """Falso desde que algo no se pudo guardar en este proceso hasta que algo se guarda."""
    return not _no_escribe.dura


def segundos_sin_escribir() -> float:
    """Los que hace que este proceso guardó algo; infinitos, si aún nada."""
    return time.monotonic() - _escrito


_vaciada = 0.0


def soltar_conexion() -> None:
    global _vaciada
    # Lo que falló en un hilo ya se soltó en él (`con_conexion_sana`).
    if asyncio._get_running_loop() is not None or connection.in_atomic_block:
        return
    reserva = getattr(connection, "pool", None)
    ahora = time.monotonic()
    if reserva is not None and ahora - _vaciada > SEGUNDOS_PARA_REPETIR:
        # Las demás llevan al mismo sitio: cada una se renueva al volver a la reserva.
        _vaciada = ahora
        reserva.drain()
    connection.close()


def error_de(error: Exception, donde: str, **datos: object) -> ErrorMensajeria:
    """Lo que se le dice al cliente: lo rechazado, tal cual; lo inesperado queda en el registro, con
    los identificadores que se den.
    """
    if isinstance(error, ErrorMensajeria):
        return error
    if es_caida(error):
        return caida(error)
    dicho = "Falló %s: %s"
    registro.error(dicho, donde, type(error).__name__, exc_info=error, extra={"datos": datos})
    return ErrorMensajeria(CodigoError.INTERNAL_ERROR)


def anotar(error: Exception, que: str) -> None:
    """Deja dicho lo que falló sin que nadie lo pidiera: una caída, una vez por suceso."""
    if es_caida(error):
        caida(error)
    else:
        registro.warning("Falló %s: %s", que, type(error).__name__)
