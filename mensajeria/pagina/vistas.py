"""La página de prueba, la tarjeta del servicio y el cliente de npm."""

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
    for hoja in ("base", "ingreso", "lista", "conversacion", "dialogos", "cajon")
)

TARJETA = {
    "servicio": "Servitech Mensajería",
    "version": VERSION,
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
