"""La salud y las métricas, para quien vigila el servicio."""

from __future__ import annotations

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from mensajeria import VERSION, metricas
from mensajeria.api.autenticacion import token_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.fallos import deja_escribir
from mensajeria.protocolo.tipos import ahora
from servitech import direcciones


@require_safe
def salud(request: HttpRequest) -> JsonResponse:
    """200 si la base de datos responde, 503 si no.

    Que no deje escribir, o cómo estén Redis y la capa (con `CAPA_URL`), solo se informa: se sirve
    igual lo que se puede.
    """
    partes = {"base_de_datos": _base_de_datos(), "redis": _redis()}
    if settings.CAPA_URL:
        partes["capa"] = "bien" if get_channel_layer().responde else "no responde"
    bien = partes["base_de_datos"] != "no responde"
    return JsonResponse(
        {
            "estado": "bien" if bien else "mal",
            **partes,
            "version": VERSION,
            "timestamp": ahora(),
        },
        status=200 if bien else 503,
    )


def _base_de_datos() -> str:
    try:
        connection.ensure_connection()
        if connection.vendor == "mongodb":
            connection.database.command("ping")  # type: ignore[attr-defined]
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
    except Exception:
        return "no responde"
    return "bien" if deja_escribir() else "no deja escribir"


def _redis() -> str:
    enlace = compartido().enlace
    if enlace is None:
        return "sin configurar"
    try:
        enlace.probar(enlace.redis.ping)
    except Exception:
        return "no responde"
    return "bien"


@require_safe
def metricas_prometheus(request: HttpRequest) -> HttpResponse:
    """Para quien lleve METRICAS_TOKEN o, sin él, venga de METRICAS_RED; y para el personal.

    A los demás, 404.
    """
    if not (_es_de_quien_mide(request) or request.user.is_staff):
        return HttpResponse(status=404)
    return HttpResponse(metricas.exponer(), content_type="text/plain; version=0.0.4")


def _es_de_quien_mide(request: HttpRequest) -> bool:
    if settings.METRICAS_TOKEN:
        cabecera = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        return constant_time_compare(token_de(cabecera) or "", settings.METRICAS_TOKEN)
    return direcciones.esta_en(request.META.get("REMOTE_ADDR") or "", settings.METRICAS_RED)
