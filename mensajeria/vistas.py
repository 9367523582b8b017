"""La página, la salud y las métricas."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from mensajeria import metricas
from mensajeria.presencia import almacen
from mensajeria.protocolo.documentacion_pagina import catalogo_para_pagina
from mensajeria.protocolo.tipos import ahora

HOJAS = tuple(
    f"mensajeria/estilo/{hoja}.css"
    for hoja in ("base", "ingreso", "lista", "conversacion", "dialogos", "cajon")
)

TARJETA = {
    "servicio": "Servitech Mensajería",
    "version": "1.0.0",
    "puertas": {"websocket": "/ws/mensajeria/", "socketio": "/socket.io/"},
    "api": "/api/mensajeria/",
    "documentacion": "/api/docs/",
}


@require_safe
@ensure_csrf_cookie
def pagina(request: HttpRequest) -> HttpResponse:
    """La página de prueba; para `curl`, la tarjeta del servicio en JSON."""
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({**TARJETA, "timestamp": ahora()})
    contexto = {"demo": settings.DEMO, "hojas": HOJAS, "catalogo": catalogo_para_pagina()}
    return render(request, "mensajeria/pagina.html", contexto)


@require_safe
def cliente_socketio(request: HttpRequest) -> HttpResponse:
    """El cliente de npm, donde `npm install` lo haya dejado."""
    archivo = settings.BASE_DIR / "node_modules/socket.io-client/dist/socket.io.js"
    if not archivo.is_file():
        return HttpResponse(
            "Aquí no está el cliente de Socket.IO: instálalo con `npm install socket.io-client`.\n",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(archivo.read_bytes(), content_type="application/javascript; charset=utf-8")


@require_safe
def salud(request: HttpRequest) -> JsonResponse:
    """200 si la base de datos responde, 503 si no. Redis solo se informa: sin él se sirve igual."""
    partes = {"base_de_datos": _base_de_datos(), "redis": _redis()}
    bien = partes["base_de_datos"] == "bien"
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
    return "bien"


def _redis() -> str:
    if not settings.REDIS_URL:
        return "sin configurar"
    try:
        almacen().totales()
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
