"""Lo que se ve en los ajustes, sin mirar ninguna base."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from mensajeria import muestras
from mensajeria.comprobaciones.catalogo import LARGO_DEL_SECRETO, las_que_fallan
from mensajeria.entre_procesos.direccion import Reserva, para_la_capa


@register()
def revisar_ajustes(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Los que no se pudieron leer, los que piden otro, y lo que parece un ajuste y no lo es."""
    ilegibles = [
        Error(problema, hint="Corrígelo en .env o en el entorno.", id="mensajeria.E009")
        for problema in settings.AJUSTES_ILEGIBLES
    ]
    return [
        *ilegibles,
        *las_que_fallan({"E015": bool(settings.CAPA_URL) and not settings.REDIS_URL}),
        *(
            Warning(dicho, hint="Corrige su nombre, o quítala.", id="mensajeria.W009")
            for dicho in settings.AJUSTES_DESCONOCIDOS
        ),
    ]


@register()
def revisar_configuracion(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Con `DEBUG` apagado: secretos propios, orígenes y proxies nombrados, y nada de ejemplo."""
    if settings.DEBUG:
        return []
    secreto, firma = settings.JWT_SECRET, settings.SECRET_KEY
    ajeno = not secreto or muestras.es_de_muestra(secreto)
    return las_que_fallan(
        {
            "E001": ajeno,
            "E002": "*" in settings.SOCKET_CORS_ORIGIN,
            "E003": settings.DEMO,
            "E004": "PUNTO_DE_FALLO" in os.environ,
            "E007": not ajeno and len(secreto.encode()) < LARGO_DEL_SECRETO,
            "E008": "*" in settings.PROXIES_DE_CONFIANZA,
            "E011": any(map(muestras.es_de_muestra, _claves_de_bases())),
            "W012": bool(settings.VAPID_CLAVE) and "localhost" in settings.VAPID_CONTACTO,
            "W013": bool(settings.CORREO_DE_RESPUESTAS) and not settings.CORREO_DE_AVISOS,
            "E012": muestras.es_de_muestra(firma) or len(firma.encode()) < LARGO_DEL_SECRETO,
        }
    )


def _claves_de_bases() -> list[str]:
    """Las contraseñas con las que se entra en la base y en Redis, vengan de donde vengan."""
    de_redis, de_sus_vigias = {}, {}
    if settings.REDIS_URL:
        de_redis = Reserva.from_url(settings.REDIS_URL).connection_kwargs
        de_sus_vigias = para_la_capa(settings.REDIS_URL).get("sentinel_kwargs", {})
    claves = [
        connection.settings_dict.get("PASSWORD"),
        de_redis.get("password"),
        de_sus_vigias.get("password"),
        muestras.clave_de(settings.DATABASE_URL),
        muestras.clave_de(settings.MONGODB_URI),
        *map(muestras.clave_de, settings.CAPA_URL),
        os.environ.get("PGPASSWORD"),
    ]
    return [clave for clave in claves if clave]


@register(Tags.security, deploy=True)
def revisar_despliegue(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Lo que en desarrollo da igual y de cara a internet no: `manage.py check --deploy`."""
    proxies = settings.PROXIES_DE_CONFIANZA
    tras_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
    return las_que_fallan(
        {
            "W002": settings.DEBUG,
            "W003": not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE),
            "W004": settings.SESSION_COOKIE_SECURE and not tras_proxy,
            "W006": tras_proxy and not {"127.0.0.1", "*"} & set(proxies.split(",")),
            "W007": "*" in settings.ALLOWED_HOSTS,
        }
    )
