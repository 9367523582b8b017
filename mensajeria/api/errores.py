"""Cualquier fallo de REST: `{code, message, campo?, documentacion}`, con su estado."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from mensajeria import metricas
from mensajeria.fallos import error_de
from mensajeria.protocolo.errores import TRADUCCIONES, CodigoError, ErrorMensajeria

registro = logging.getLogger("mensajeria.api")

_DE_DRF: tuple[tuple[type[Exception], CodigoError], ...] = (
    (exceptions.NotAuthenticated, CodigoError.AUTH_REQUIRED),
    (exceptions.AuthenticationFailed, CodigoError.AUTH_INVALID),
    (exceptions.PermissionDenied, CodigoError.PERMISSION_DENIED),
    (PermissionDenied, CodigoError.PERMISSION_DENIED),
    (exceptions.NotFound, CodigoError.NOT_FOUND),
    (Http404, CodigoError.NOT_FOUND),
)


def responder_error(excepcion: Exception, contexto: dict[str, Any]) -> Response:
    """La respuesta a una excepción (gancho `EXCEPTION_HANDLER` de DRF)."""
    estado = None
    if isinstance(excepcion, exceptions.APIException) and not isinstance(
        excepcion, tuple(tipo for tipo, _ in _DE_DRF)
    ):
        # Método o formato que la ruta no admite: el estado lo dice DRF.
        estado = excepcion.status_code
    error = _traducir(excepcion)
    metricas.NEGATIVAS.labels("rest", error.codigo).inc()
    respuesta = Response(cuerpo_de_rest(error), status=estado or TRADUCCIONES[error.codigo].http)
    if respuesta.status_code == 401:
        respuesta["WWW-Authenticate"] = "Bearer"
    if error.reintentar_en is not None:
        respuesta["Retry-After"] = str(error.segundos_de_espera)
    return respuesta


def cuerpo_de_rest(error: ErrorMensajeria) -> dict[str, Any]:
    """El suyo, con dónde se explica. Por los sockets no va: son bytes en cada negativa."""
    alli = f"{settings.PREFIJO}/docs/errores/#{error.codigo.lower()}"
    return {**error.cuerpo, "documentacion": alli}


def _traducir(excepcion: Exception) -> ErrorMensajeria:
    for tipo, codigo in _DE_DRF:
        if isinstance(excepcion, tipo):
            return ErrorMensajeria(codigo)
    if isinstance(excepcion, exceptions.APIException):
        return ErrorMensajeria(CodigoError.VALIDATION_ERROR, str(excepcion.detail))
    return error_de(excepcion, "una petición")
