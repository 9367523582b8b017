"""Con la base o Redis sin responder, o sin dejar escribir, una página que lo dice y cuándo repetir.

REST ya responde lo suyo en JSON.
"""

from __future__ import annotations

import logging

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from redis import RedisError

from mensajeria.fallos import SOLO_LECTURA, caida, es_caida, no_deja_escribir
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.servidor")

SEGUNDOS_PARA_REPETIR = 5


def sin_servicio(request: HttpRequest, fallo: Exception) -> HttpResponse | None:
    """El 503 por ese fallo, que queda dicho en el registro; `None` si no es cosa de un rato."""
    motivo = ""
    if isinstance(fallo, ErrorMensajeria) and fallo.codigo is CodigoError.UNAVAILABLE:
        motivo = fallo.mensaje
    elif isinstance(fallo, RedisError):
        registro.warning("%s sin servicio: %s", request.path, type(fallo).__name__)
    elif es_caida(fallo):
        caida(fallo)
        motivo = SOLO_LECTURA if no_deja_escribir(fallo) else ""
    else:
        return None
    respuesta = render(request, "503.html", {"motivo": motivo}, status=503)
    respuesta["Retry-After"] = str(SEGUNDOS_PARA_REPETIR)
    return respuesta


class Caidas(MiddlewareMixin):
    """503 en vez de 500 si falla la vista."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return sin_servicio(request, exception)


class SesionesDeDjango(SessionMiddleware):
    """Las de Django, que también se guardan después de la vista."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except Exception as fallo:
            if (respuesta := sin_servicio(request, fallo)) is None:
                raise
            return respuesta
