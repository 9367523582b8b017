"""Quién está conectado ahora, en la mesa y para `manage.py conexiones`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from msgspec import to_builtins

from mensajeria.nodo import nodo

PERMISO = "mensajeria.moderar_participante"
CABECERA = "X-Servitech-Firma"
# Lo que vale la firma de la orden de consola.
SEGUNDOS = 60
firmador = TimestampSigner(salt="conexiones")


@require_safe
def conexiones(request: HttpRequest) -> HttpResponse:
    """En vivo, para quien modera; en JSON, para quien lleve la firma de la orden de consola."""
    if firma := request.headers.get(CABECERA):
        try:
            firmador.unsign(firma, max_age=SEGUNDOS)
        except BadSignature:
            raise PermissionDenied from None
        return JsonResponse(_todas(request.GET.get("usuario", "")))
    respuesta: HttpResponse = admin.site.admin_view(_pagina)(request)
    return respuesta


def _pagina(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISO):
        raise PermissionDenied
    usuario = request.GET.get("usuario", "")
    todas = _todas(usuario)
    filas = [
        {**c, "nodo": h["nodo"], "proceso": h["proceso"], "fecha": _fecha(c["desde"])}
        for h in todas["procesos"]
        for c in h["conectados"]
    ]
    contexto = {
        **admin.site.each_context(request),
        "title": "Conexiones",
        "usuario": usuario,
        "filas": sorted(filas, key=lambda f: f["por_leer"], reverse=True),
        "total": sum(h["total"] for h in todas["procesos"]),
        "procesos": len(todas["procesos"]),
        "callados": todas["callados"],
    }
    return render(request, "admin/mensajeria/conexiones.html", contexto)


def _todas(usuario: str) -> dict[str, Any]:
    hojas, callados = nodo().conectados(usuario)
    return {"procesos": to_builtins(hojas), "callados": callados}


def _fecha(segundos: float) -> datetime:
    return datetime.fromtimestamp(segundos, UTC)
