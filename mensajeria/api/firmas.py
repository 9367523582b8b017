"""Enlaces firmados: para quien no puede poner una cabecera, como una imagen de una página.

Valen un rato, y solo para quien los pidió: al abrirlos se mira lo mismo que con su credencial.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from django.core import signing
from rest_framework.request import Request

from mensajeria.api.autenticacion import AutenticacionJWT
from mensajeria.api.pedidos import usuario_de_peticion
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.operaciones.ingresos import el_de
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

SEGUNDOS = 3600
PARAMETRO = "firma"

_firmador = signing.Signer(salt="mensajeria.archivos")


class Firma(NamedTuple):
    texto: str
    expira: datetime


def firmar(request: Request, archivo_id: str) -> Firma:
    """La de quien firma la petición, para ese archivo; no dura más que su credencial."""
    quien = _credencial(request)
    hasta = min(time.time() + SEGUNDOS, quien.expira or float("inf"))
    datos = [archivo_id, quien.usuario_id, quien.emitida, quien.ingreso, hasta]
    return Firma(_firmador.sign_object(datos), datetime.fromtimestamp(hasta, UTC))


def _credencial(request: Request) -> Credencial:
    """La suya, ya con quien es: la de un token por correo, o la de su cookie, no lo dice."""
    usuario_id = usuario_de_peticion(request).pk
    if isinstance(request.auth, Credencial):
        suya = request.auth
        return Credencial(usuario_id, suya.emitida, suya.expira, suya.ingreso)
    return Credencial(usuario_id, time.time(), None, el_de(request._request))


def leer(texto: str, archivo_id: str) -> Credencial:
    """La credencial de una firma de ese archivo; AUTH_INVALID o TOKEN_EXPIRED si no vale."""
    try:
        de, usuario_id, emitida, ingreso, hasta = _firmador.unsign_object(texto)
    except (signing.BadSignature, ValueError, TypeError):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID, "El enlace no vale") from None
    if de != archivo_id:
        raise ErrorMensajeria(CodigoError.AUTH_INVALID, "El enlace no vale")
    if hasta <= time.time():
        raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED, "El enlace ha caducado: pide otro")
    return Credencial(usuario_id, emitida, hasta, ingreso)


class AutenticacionPorFirma(AutenticacionJWT):
    """`?firma=` en la dirección de un archivo; sin ella, como las demás rutas."""

    def credencial(self, request: Request) -> Credencial | None:
        texto = request.query_params.get(PARAMETRO)
        return None if texto is None else leer(texto, request.parser_context["kwargs"]["pk"])
