"""Que MongoDB, Redis y la capa sean de los que sirven."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from mensajeria.comprobaciones.catalogo import las_que_fallan
from mensajeria.entre_procesos.direccion import Reserva

PACIENCIA = 2.0
REDIS_DE_CLUSTER = 7
MONGO_MINIMO = (6, 0)


@register(Tags.database)
def revisar_redis(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Un Redis Cluster se niega; si no responde, se sirve sin él y no se sabe."""
    if not settings.REDIS_URL or not databases:
        return []
    plazos = {"socket_timeout": PACIENCIA, "socket_connect_timeout": PACIENCIA}
    reserva = Reserva.from_url(settings.REDIS_URL, decode_responses=True, **plazos)
    try:
        de_cluster = redis.Redis.from_pool(reserva).info("cluster")
    except redis.RedisError:
        return []
    return las_que_fallan({"E013": bool(de_cluster.get("cluster_enabled"))})


@register(Tags.database)
def revisar_capa(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """El Redis de `CAPA_URL` es un Cluster, y con pub/sub partido; si no responde, no se sabe."""
    de_redis = [url for url in settings.CAPA_URL if url.startswith("redis")]
    if not de_redis or not databases:
        return []
    plazos: dict[str, Any] = {"socket_timeout": PACIENCIA, "socket_connect_timeout": PACIENCIA}
    try:
        with redis.Redis.from_url(de_redis[0], decode_responses=True, **plazos) as uno:
            datos = uno.info("server", "cluster")
    except redis.RedisError:
        return []
    version = int(datos["redis_version"].partition(".")[0])
    return las_que_fallan({"E016": version < REDIS_DE_CLUSTER or not datos["cluster_enabled"]})


@register(Tags.database)
def revisar_mongo(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Sin transacciones no hay promesas: MongoDB 6 o posterior, y como conjunto de réplicas."""
    if connection.vendor != "mongodb" or not databases:
        return []
    mongo: Any = connection
    try:
        saludo = mongo.database.client.admin.command("hello")
        version = mongo.database.client.server_info()["versionArray"]
    except Exception as error:
        return [_sin_respuesta(error)]
    suelto = "setName" not in saludo and saludo.get("msg") != "isdbgrid"
    antiguo = [_antiguo(version)] if tuple(version[:2]) < MONGO_MINIMO else []
    return [*antiguo, *las_que_fallan({"E006": suelto})]


def _sin_respuesta(error: Exception) -> CheckMessage:
    return Warning(
        f"MongoDB no responde ({type(error).__name__}): no se sabe si su versión sirve.",
        hint="Comprueba MONGODB_URI y que el servidor esté en marcha.",
        id="mensajeria.W008",
    )


def _antiguo(version: list[int]) -> CheckMessage:
    return Error(
        f"MongoDB {version[0]}.{version[1]} es muy antiguo: hace falta 6 o posterior.",
        hint="Actualízalo (de versión mayor en versión mayor), o usa DATABASE_URL.",
        id="mensajeria.E005",
    )
