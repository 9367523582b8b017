"""La base de datos: si responde, si su versión sirve, si está migrada y si deja escribir."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from textwrap import shorten
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mensajeria.base_de_datos import atomico
from mensajeria.comprobaciones.servicios import revisar_mongo
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal, omitido
from mensajeria.models import ahora
from mensajeria.plazos import es_prestada

_AJUSTES = ("DATABASE_URL", "MONGODB_URI")
_LENTA = 0.05
_PACIENCIA = 5
# MongoDB describe sus servidores enteros.
_LARGO_DE_MOTIVO = 200
_POSTGRES_MINIMO = 140000


def revisar() -> Iterator[Hallazgo]:
    if any(dicho.startswith(_AJUSTES) for dicho in settings.AJUSTES_ILEGIBLES):
        yield omitido("sin comprobar: su dirección no se entiende")
        return
    inicio = time.perf_counter()
    try:
        version = _version()
    except Exception as error:
        yield mal(f"no responde ({_por_que(error)})", _donde_mirar())
        return
    tardo = time.perf_counter() - inicio
    yield bien(f"{version}, responde en {tardo * 1000:.0f} ms")
    yield from _de_su_clase()
    yield from _migraciones()


def _por_que(error: Exception) -> str:
    """Lo que dijo la base. La reserva de PostgreSQL solo dice que no llegó: se prueba sin ella."""
    if connection.vendor == "postgresql":
        postgres: Any = connection
        try:
            parametros = {"connect_timeout": _PACIENCIA, **postgres.get_connection_params()}
            postgres.Database.connect(**parametros).close()
        except Exception as directo:
            error = directo
    dicho = " ".join(str(error).split())
    return f"{type(error).__name__}: {shorten(dicho, _LARGO_DE_MOTIVO, placeholder='…')}"


def _donde_mirar() -> str:
    if settings.MONGODB_URI:
        return "Comprueba MONGODB_URI y que MongoDB esté en marcha y deje entrar a esa cuenta."
    if connection.vendor == "sqlite":
        return "Comprueba que la carpeta de DATABASE_URL existe y se puede escribir en ella."
    return "Comprueba DATABASE_URL y que PostgreSQL esté en marcha y deje entrar a esa cuenta."


def _version() -> str:
    connection.ensure_connection()
    if connection.vendor == "mongodb":
        mongo: Any = connection
        return f"MongoDB {mongo.database.client.server_info()['version']}"
    consulta = "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version"
    with connection.cursor() as cursor:
        cursor.execute(consulta)
        [version] = cursor.fetchone()
    return f"{connection.display_name} {version}"


def _de_su_clase() -> Iterator[Hallazgo]:
    if connection.vendor == "postgresql":
        postgres: Any = connection
        if postgres.pg_version < _POSTGRES_MINIMO:
            yield mal(
                "PostgreSQL es anterior al 14", "Actualízalo: Django 5.2 pide 14 o posterior."
            )
        if es_prestada(postgres.connection.pgconn):
            yield _plazo_de_lo_suelto()
    yield from _avisos(revisar_mongo(databases=["default"]))


def _plazo_de_lo_suelto() -> Hallazgo:
    """Por un intermediario, los plazos van en cada transacción, y leer suele ir sin ninguna."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [plazo] = cursor.fetchone()
    if plazo != "0":
        return bien(
            f"por un intermediario, con un plazo de {plazo} para lo que no va en transacción"
        )
    return aviso(
        "por un intermediario (PgBouncer), y una lectura suelta no tiene plazo",
        "Pónselo a la cuenta: ALTER ROLE … SET statement_timeout = '10s'.",
    )


def _avisos(hallados: list[checks.CheckMessage]) -> Iterator[Hallazgo]:
    for hallado in hallados:
        decir = mal if hallado.level >= checks.ERROR else aviso
        yield decir(hallado.msg, hallado.hint or "")


def _migraciones() -> Iterator[Hallazgo]:
    try:
        ejecutor = MigrationExecutor(connection)
        faltan = ejecutor.migration_plan(ejecutor.loader.graph.leaf_nodes())
    except Exception as error:
        yield mal(f"no se pudo mirar qué falta migrar ({type(error).__name__})", _donde_mirar())
        return
    if faltan:
        yield mal(f"migraciones por aplicar: {len(faltan)}", "Ejecuta: manage.py preparar")
        return
    yield bien("migrada")
    yield _escritura()


def _escritura() -> Hallazgo:
    """Una fila que se escribe y se borra, una sesión caducada: con el disco lleno, falla."""
    una = Session(session_key=f"diagnosticar-{os.getpid()}", expire_date=ahora())
    una.session_data = Session.objects.encode({})
    inicio = time.perf_counter()
    try:
        with atomico():
            una.save(force_insert=True)
        una.delete()
    except Exception as error:
        return mal(
            f"no deja escribir ({type(error).__name__}: {error})",
            "Mira si el disco está lleno, si el archivo o la cuenta son de solo lectura, o si otro"
            " proceso lo tiene bloqueado.",
        )
    tardo = time.perf_counter() - inicio
    if tardo > _LENTA:
        return aviso(
            f"una escritura tarda {tardo * 1000:.0f} ms",
            "Con la base lejos o el disco ocupado, cada envío tardará al menos eso.",
        )
    return bien(f"deja escribir ({tardo * 1000:.0f} ms)")
