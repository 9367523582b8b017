"""Lo que una petición HTTP ha de cumplir antes de que nadie la atienda.

Lo malformado se contesta aquí, una vez para REST, la mesa y la página: detrás, cada sitio que lo
leyera (la vista, el formulario, la página de error) fallaría por su cuenta.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.http.multipartparser import MultiPartParserError
from django.middleware.common import CommonMiddleware
from django.utils.deprecation import MiddlewareMixin

from mensajeria import metricas
from mensajeria.api.errores import cuerpo_de_rest
from mensajeria.api.original.seleccion import es_del_original
from mensajeria.operaciones.autenticacion import CLAVE_DE_SESION
from mensajeria.protocolo.errores import (
    TRADUCCIONES,
    CodigoError,
    ErrorMensajeria,
    no_existe,
    no_valido,
)

registro = logging.getLogger("mensajeria.servidor")


class Admision(MiddlewareMixin):
    """400, 404 o 413 a lo que no se puede leer: `{code, message}` en la API, texto fuera."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        try:
            _revisar(request)
        except ErrorMensajeria as error:
            return negativa(request, error)
        except RequestDataTooBig:
            return negativa(request, ErrorMensajeria(CodigoError.PAYLOAD_TOO_LARGE))
        except (SuspiciousOperation, BadRequest, MultiPartParserError, UnicodeError) as error:
            registro.info("Petición rechazada: %s", type(error).__name__)
            return negativa(request, no_valido("La petición no se puede leer"))
        return None


def _revisar(request: HttpRequest) -> None:
    """Lee lo que Django deja para cuando se le pida: nombre de máquina, consulta y formulario."""
    if "\0" in request.path_info:
        raise no_existe()
    request.get_host()
    for nombre, valores in (*request.GET.lists(), *request.POST.lists()):
        if any("\0" in texto for texto in (nombre, *valores)):
            raise no_valido("Quita el carácter NUL de lo que envías", nombre)
    # Entrecomillada puede llevar cualquier cosa, y de ahí va a la base.
    if not CLAVE_DE_SESION.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)


def negativa(request: HttpRequest, error: ErrorMensajeria) -> HttpResponse:
    """El cuerpo de REST si es de la API, con `success` si es de las del original; texto, si no."""
    metricas.NEGATIVAS.labels("http", error.codigo).inc()
    estado = TRADUCCIONES[error.codigo].http
    respuesta: HttpResponse
    if request.path_info.startswith("/api/"):
        del_original = settings.REST_DEL_ORIGINAL and es_del_original(request)
        envoltorio = {"success": False} if del_original else {}
        respuesta = JsonResponse({**envoltorio, **cuerpo_de_rest(error)}, status=estado)
    else:
        texto = "text/plain; charset=utf-8"
        respuesta = HttpResponse(error.mensaje, status=estado, content_type=texto)
    if error.reintentar_en is not None:
        respuesta.headers["Retry-After"] = str(error.segundos_de_espera)
    return respuesta


class Comun(CommonMiddleware):
    """La barra final sobra en la API; fuera, se añade redirigiendo, y solo a lo que se lee.

    Lo que se envía se perdería en la redirección.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if f"{request.path_info}/".startswith("/api/") and not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        return super().process_request(request)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)
