"""Con la base o Redis sin responder, una página que lo dice y cuándo repetir."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from redis import RedisError

from mensajeria.base_de_datos import es_caida
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.servidor")

SEGUNDOS_PARA_REPETIR = 5


def _pasajera(fallo: Exception) -> bool:
    if isinstance(fallo, ErrorMensajeria):
        return fallo.codigo is CodigoError.UNAVAILABLE
    return isinstance(fallo, RedisError) or es_caida(fallo)


class Caidas(MiddlewareMixin):
    """503 en vez de 500 si falla la vista; REST ya responde lo suyo en JSON."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not _pasajera(exception):
            return None
        registro.warning("%s sin servicio: %s", request.path, type(exception).__name__)
        motivo = exception.mensaje if isinstance(exception, ErrorMensajeria) else ""
        respuesta = render(request, "503.html", {"motivo": motivo}, status=503)
        respuesta["Retry-After"] = str(SEGUNDOS_PARA_REPETIR)
        return respuesta
