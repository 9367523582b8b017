"""Dejar de recibir avisos por correo, desde un enlace suyo y sin entrar (RFC 8058)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mensajeria.avisos.canales.correo import dar_de_baja
from mensajeria.pagina.idioma import idioma_de


# Lo envía un programa de correo, sin cookie; quién es lo dice la firma.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def baja(request: HttpRequest, firma: str) -> HttpResponse:
    """Con GET pregunta: los filtros de correo abren los enlaces."""
    hecho = request.method == "POST"
    if not dar_de_baja(firma, de_verdad=hecho):
        return HttpResponse("Ese enlace no vale", status=404, content_type="text/plain")
    respuesta = render(
        request, "mensajeria/correo/baja.html", {"hecho": hecho, "idioma": idioma_de(request)}
    )
    respuesta["Cache-Control"] = "no-store"
    respuesta["Vary"] = "Accept-Language"
    return respuesta
