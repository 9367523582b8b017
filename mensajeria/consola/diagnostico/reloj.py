"""El reloj de esta máquina, contra los de la base y Redis.

Los tokens caducan, y los mensajes se fechan, por el reloj de cada máquina.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection

from mensajeria.consola.diagnostico import redis_
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal, omitido

TOLERABLE = 1.0
PELIGROSO = 3.0

_REMEDIO = "Pon las dos máquinas en hora: timedatectl set-ntp true (o chrony)."


def revisar() -> Iterator[Hallazgo]:
    otros: list[tuple[str, Callable[[], float]]] = []
    if connection.vendor != "sqlite":
        otros.append(("la base de datos", _de_la_base))
    if settings.REDIS_URL:
        otros.append(("Redis", _de_redis))
    if not otros:
        yield omitido("todo está en esta máquina: no hay con qué compararlo")
    for nombre, leer in otros:
        try:
            yield comparar(nombre, leer)
        except Exception as error:
            yield omitido(f"no se pudo leer el de {nombre} ({type(error).__name__})")


def comparar(nombre: str, leer: Callable[[], float]) -> Hallazgo:
    """Su hora contra la de aquí a mitad de la pregunta."""
    antes = time.time()
    suya = leer()
    diferencia = suya - (antes + time.time()) / 2
    texto = f"{abs(diferencia):.1f} s {'por delante' if diferencia > 0 else 'por detrás'}"
    if abs(diferencia) > PELIGROSO:
        return mal(f"{nombre} va {texto}: fallan los tokens y las fechas", _REMEDIO)
    if abs(diferencia) > TOLERABLE:
        return aviso(f"{nombre} va {texto}", _REMEDIO)
    return bien(f"en hora con {nombre} ({abs(diferencia) * 1000:.0f} ms)")


def _de_la_base() -> float:
    if connection.vendor == "mongodb":
        mongo: Any = connection
        local = mongo.database.client.admin.command("hello")["localTime"]
        return float(local.timestamp() if local.tzinfo else _utc(local))
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0])


def _utc(local: Any) -> float:
    from datetime import UTC

    return float(local.replace(tzinfo=UTC).timestamp())


def _de_redis() -> float:
    segundos, micros = redis_.conectar().time()
    return float(segundos) + float(micros) / 1e6
