"""La página de prueba y la tarjeta del servicio."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from mensajeria import VERSION
from mensajeria.pagina import paquete_npm
from mensajeria.pagina.idioma import idioma_de
from mensajeria.pagina.paquete import AVISADOR, HOJAS, Pieza, piezas
from mensajeria.protocolo.tipos import ahora

TARJETA = {
    "servicio": "Servitech Mensajería",
    "version": VERSION,
    "puertas": {
        "websocket": f"{settings.PREFIJO}/ws/mensajeria/",
        "socketio": f"{settings.PREFIJO}/socket.io/",
    },
    "api": f"{settings.PREFIJO}/api/mensajeria/",
    "documentacion": f"{settings.PREFIJO}/docs/",
    "clientes": {"npm": f"{settings.PREFIJO}/clientes/{paquete_npm.ARCHIVO}"},
}


@require_safe
@gzip_page
@ensure_csrf_cookie
def pagina(request: HttpRequest) -> HttpResponse:
    """La página de prueba; para `curl`, la tarjeta del servicio en JSON."""
    if "text/html" not in request.headers.get("Accept", ""):
        tarjeta = JsonResponse({**TARJETA, "timestamp": ahora()})
        patch_vary_headers(tarjeta, ["Accept"])
        return tarjeta
    idioma = idioma_de(request)
    contexto = {
        "idioma": idioma,
        "demo": settings.DEMO,
        # Para leerla en desarrollo, `/?modulos`: los archivos, uno a uno.
        "hojas": [f"mensajeria/{h}" for h in HOJAS] if "modulos" in request.GET else [],
        "paquete": {n.replace(".", "_"): piezas().ruta(n) for n in piezas().por_nombre},
        # Como texto: un número saldría con los separadores del idioma.
        "archivo_bytes": str(settings.ARCHIVO_BYTES),
    }
    respuesta = render(request, "mensajeria/pagina.html", contexto)
    patch_vary_headers(respuesta, ["Accept", "Accept-Language"])
    # El de Django es el de la mesa, que solo está en español.
    respuesta.headers["Content-Language"] = idioma
    return respuesta


@require_safe
def pieza(request: HttpRequest, archivo: str) -> HttpResponse:
    """Lo que la página carga. Su nombre lleva la huella de lo que es: se guarda para siempre.

    Con la de otra versión (un despliegue a medias) se da la de ahora, y no se guarda.
    """
    nombre = ".".join(p for i, p in enumerate(archivo.split(".")) if i != 1)
    una = piezas().por_nombre.get(nombre)
    if una is None:
        raise Http404
    guardar = "public, max-age=31536000, immutable" if una.nombre == archivo else "no-store"
    return _servir(request, una, guardar)


@require_safe
def avisador(request: HttpRequest) -> HttpResponse:
    """El trabajador de servicio de la página. Está a su lado: por eso alcanza a toda ella."""
    return _servir(request, piezas().por_nombre[AVISADOR], "no-cache")


@require_safe
def paquete_de_npm(request: HttpRequest) -> HttpResponse:
    """El cliente de JavaScript, para `npm install`."""
    respuesta = HttpResponse(paquete_npm.paquete(), content_type="application/gzip")
    respuesta.headers["Cache-Control"] = "no-cache"
    return respuesta


@require_safe
def manifiesto(request: HttpRequest) -> HttpResponse:
    """Con qué se instala: sin él, ni avisa un iPhone ni hay icono en que poner la cuenta."""
    icono = {"src": "static/mensajeria/icono.svg", "sizes": "any", "type": "image/svg+xml"}
    dicho = {
        "name": "Servitech Mensajería",
        "short_name": "Servitech",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#eef2f0",
        "theme_color": "#0b6e5f",
        "icons": [icono],
    }
    return JsonResponse(dicho, content_type="application/manifest+json")


def _servir(request: HttpRequest, una: Pieza, guardar: str) -> HttpResponse:
    comprime = "gzip" in request.headers.get("Accept-Encoding", "")
    respuesta = HttpResponse(una.comprimido if comprime else una.crudo, content_type=una.tipo)
    if comprime:
        respuesta.headers["Content-Encoding"] = "gzip"
    respuesta.headers["Cache-Control"] = guardar
    patch_vary_headers(respuesta, ["Accept-Encoding"])
    return respuesta
