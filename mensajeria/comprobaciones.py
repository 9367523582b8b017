"""Una configuración que no debe arrancar, dicha con su id y lo que hay que hacer."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

LARGO_DEL_SECRETO = 32


_TODAS: tuple[CheckMessage, ...] = (
    Error(
        "JWT_SECRET falta o es el de muestra.",
        hint='Ponle uno propio: python -c "import secrets; print(secrets.token_hex(32))"',
        id="mensajeria.E001",
    ),
    Error(
        "SOCKET_CORS_ORIGIN admite cualquier origen.",
        hint="Nombra los tuyos: SOCKET_CORS_ORIGIN=https://tusitio.com",
        id="mensajeria.E002",
    ),
    Error(
        "Las cuentas de ejemplo están encendidas.",
        hint="Quita DEMO, o ponle 0.",
        id="mensajeria.E003",
    ),
    Error(
        "PUNTO_DE_FALLO mata al proceso a propósito: es solo para las pruebas.",
        hint="Quita esa variable del entorno.",
        id="mensajeria.E004",
    ),
    Error(
        "MongoDB no es un conjunto de réplicas: suelto no tiene transacciones.",
        hint="Arráncalo con --replSet rs0 y ejecuta una vez rs.initiate(); uno basta.",
        id="mensajeria.E006",
    ),
    Warning(
        f"JWT_SECRET tiene menos de {LARGO_DEL_SECRETO} bytes (RFC 7518, 3.2).",
        hint="Alárgalo y vuelve a emitir los tokens.",
        id="mensajeria.W001",
    ),
    Warning(
        "DEBUG está encendido: enseña el código en los errores y admite secretos de muestra.",
        hint="Pon DEBUG=0 o NODE_ENV=production.",
        id="mensajeria.W002",
    ),
    Warning(
        "Las cookies de sesión viajan también sin HTTPS.",
        hint="Quita COOKIES_SEGURAS=0 y sirve por HTTPS.",
        id="mensajeria.W003",
    ),
    Warning(
        "Las cookies piden HTTPS y nadie dice cuándo lo hay: el admin rechazará los ingresos.",
        hint="Si un proxy pone HTTPS, que envíe X-Forwarded-Proto, y aquí TRAS_PROXY=1.",
        id="mensajeria.W004",
    ),
    Warning(
        "Cualquiera puede decir que viene de otra dirección (PROXIES_DE_CONFIANZA=*), y así"
        " saltarse los límites por dirección y leer /metrics.",
        hint="Nombra las direcciones de tus proxies.",
        id="mensajeria.W005",
    ),
    Warning(
        "Con un proxy en esta misma máquina y fuera de PROXIES_DE_CONFIANZA, todos llegan como"
        " 127.0.0.1: comparten los límites por dirección, y /metrics queda a la vista.",
        hint="Añade 127.0.0.1 a PROXIES_DE_CONFIANZA, o cierra /metrics en el proxy.",
        id="mensajeria.W006",
    ),
    Warning(
        "Se admite cualquier nombre de máquina (ALLOWED_HOSTS=*).",
        hint="Nombra los tuyos: ALLOWED_HOSTS=mensajes.tusitio.com",
        id="mensajeria.W007",
    ),
)


def _las_que_fallan(fallas: dict[str, bool]) -> list[CheckMessage]:
    return [c for c in _TODAS if fallas.get(str(c.id).removeprefix("mensajeria."))]


@register()
def revisar_configuracion(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Con `DEBUG` apagado: secreto propio y largo, orígenes nombrados y sin cuentas de ejemplo."""
    if settings.DEBUG:
        return []
    secreto = settings.JWT_SECRET
    ajeno = not secreto or secreto == settings.SECRETO_DE_MUESTRA
    return _las_que_fallan(
        {
            "E001": ajeno,
            "W001": not ajeno and len(secreto.encode()) < LARGO_DEL_SECRETO,
            "E002": "*" in settings.SOCKET_CORS_ORIGIN,
            "E003": settings.DEMO,
            "E004": "PUNTO_DE_FALLO" in os.environ,
        }
    )


@register(Tags.security, deploy=True)
def revisar_despliegue(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Lo que en desarrollo da igual y de cara a internet no: `manage.py check --deploy`."""
    proxies = settings.PROXIES_DE_CONFIANZA
    tras_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
    return _las_que_fallan(
        {
            "W002": settings.DEBUG,
            "W003": not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE),
            "W004": settings.SESSION_COOKIE_SECURE and not tras_proxy,
            "W005": "*" in proxies,
            "W006": tras_proxy and not {"127.0.0.1", "*"} & set(proxies.split(",")),
            "W007": "*" in settings.ALLOWED_HOSTS,
        }
    )


MONGO_MINIMO = (6, 0)


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
    return [*antiguo, *_las_que_fallan({"E006": suelto})]


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


@register(Tags.security, deploy=True)
def revisar_mongo_al_desplegar(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return revisar_mongo(databases=["default"])
