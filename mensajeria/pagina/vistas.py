"""La página de prueba y la tarjeta del servicio."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from mensajeria import VERSION
from mensajeria.pagina.catalogo import catalogo_para_pagina
from mensajeria.protocolo.tipos import ahora

HOJAS = tuple(
    f"mensajeria/estilo/{hoja}.css"
    for hoja in ("base", "ingreso", "lista", "conversacion", "archivos", "dialogos", "cajon")
)

TARJETA = {
    "servicio": "Servitech Mensajería",
    "version": VERSION,
    "puertas": {"websocket": "/ws/mensajeria/", "socketio": "/socket.io/"},
    "api": "/api/mensajeria/",
    "documentacion": "/docs/",
}


@require_safe
@ensure_csrf_cookie
def pagina(request: HttpRequest) -> HttpResponse:
    """La página de prueba; para `curl`, la tarjeta del servicio en JSON."""
    if "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse({**TARJETA, "timestamp": ahora()})
    contexto = {
        "demo": settings.DEMO,
        "hojas": HOJAS,
        "catalogo": catalogo_para_pagina(),
        # Como texto: un número saldría con los separadores del idioma.
        "archivo_bytes": str(settings.ARCHIVO_BYTES),
    }
    return render(request, "mensajeria/pagina.html", contexto)
