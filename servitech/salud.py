"""La salud y las métricas, para quien vigila el servicio."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from mensajeria import metricas
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.fallos import deja_escribir
from mensajeria.protocolo.tipos import ahora


@require_safe
def salud(request: HttpRequest) -> JsonResponse:
    """200 si la base de datos responde, 503 si no.

    Que no deje escribir, o cómo esté Redis, solo se informa: se sirve igual lo que se puede.
    """
    partes = {"base_de_datos": _base_de_datos(), "redis": _redis()}
    bien = partes["base_de_datos"] != "no responde"
    return JsonResponse(
        {"estado": "bien" if bien else "mal", **partes, "timestamp": ahora()},
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
    """Para Prometheus en esta máquina, o para el personal; a los demás, 404."""
    local = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
    if not (local or request.user.is_staff):
        return HttpResponse(status=404)
    return HttpResponse(metricas.exponer(), content_type="text/plain; version=0.0.4")
