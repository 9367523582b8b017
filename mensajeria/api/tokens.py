"""Tokens: la pareja de simplejwt, su renovación y su revocación.

Cada pareja es de un ingreso (`operaciones/ingresos.py`), y lo dice.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import msgspec
from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken, Token

from mensajeria.api.pedidos import carga_de, usuario_de_peticion
from mensajeria.models import Ingreso, Usuario
from mensajeria.operaciones import ingresos
from mensajeria.operaciones.autenticacion import RECLAMO, datos_de, revocar
from mensajeria.operaciones.ingreso import intento
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga

_TEXTO = {"type": "string"}
_PAREJA = {"type": "object", "properties": {"access": _TEXTO, "refresh": _TEXTO}}


class NombreYClave(Carga, kw_only=True):
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Renovacion(Carga, kw_only=True):
    refresh: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


def _pareja(usuario: Usuario, ingreso: str, vuelta: int) -> dict[str, str]:
    renovacion = RefreshToken.for_user(usuario)
    renovacion[RECLAMO] = ingreso
    acceso, renovacion[ingresos.VUELTA] = renovacion.access_token, vuelta
    return {
        "access": _fechado(acceso, usuario.tokens_desde),
        "refresh": _fechado(renovacion, usuario.tokens_desde),
    }


def _fechado(token: Token, revocados: datetime | None = None) -> str:
    # Con fracción de segundo: revocar y volver a ingresar caben en el mismo segundo. Y después de
    # la última revocación, aunque la hiciera otra máquina con el reloj por delante.
    token["iat"] = max(time.time(), revocados.timestamp() + 0.001 if revocados else 0.0)
    return str(token)


class Obtener(APIView):
    """`username` y `password` por un token de acceso y otro de renovación."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="obtener_token",
        request={
            "application/json": {
                "type": "object",
                "properties": {"username": _TEXTO, "password": _TEXTO},
                "required": ["username", "password"],
            }
        },
        responses={200: _PAREJA},
    )
    def post(self, request: Request) -> Response:
        pedido = carga_de(request, NombreYClave)
        with intento(pedido.username, request.META) as acierta:
            usuario = authenticate(request, username=pedido.username, password=pedido.password)
            if not isinstance(usuario, Usuario):
                raise ErrorMensajeria(CodigoError.AUTH_INVALID, "Usuario o contraseña incorrectos")
            acierta()
        ingreso = ingresos.empezar(usuario, request.META, Ingreso.TOKEN)
        if ingreso is None:
            raise ErrorMensajeria(CodigoError.AUTH_INVALID)
        return Response(_pareja(usuario, ingreso, 0))


class Renovar(APIView):
    """Un token de renovación por otra pareja; queda gastado."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="renovar_token",
        request={
            "application/json": {
                "type": "object",
                "properties": {"refresh": _TEXTO},
                "required": ["refresh"],
            }
        },
        responses={200: _PAREJA},
    )
    def post(self, request: Request) -> Response:
        pedido = carga_de(request, Renovacion)
        turno = ingresos.renovar(datos_de(pedido.refresh), request.META)
        return Response(_pareja(*turno))


class Revocar(APIView):
    """Ningún token mío anterior vale ya, ni mis cookies, y mis conexiones abiertas terminan."""

    @extend_schema(operation_id="revocar_tokens", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        revocar(usuario_de_peticion(request).pk)
        return Response(status=204)
