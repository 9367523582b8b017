"""Tokens: la pareja de simplejwt, su renovación y su revocación.

Cada pareja es de un ingreso (`operaciones/ingresos.py`), y lo dice.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import msgspec
from django.contrib.auth import authenticate
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken, Token

from mensajeria.api import esquemas
from mensajeria.api.descripcion import describir
from mensajeria.api.pedidos import carga_de, usuario_de_peticion
from mensajeria.models import Ingreso, Usuario
from mensajeria.operaciones import ingresos
from mensajeria.operaciones.autenticacion import RECLAMO, datos_de, revocar
from mensajeria.operaciones.ingreso import intento
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import Carga, Forma


class Pareja(Forma, kw_only=True):
    """El de acceso, para cada petición; el de renovación, que sirve una vez, para otra pareja."""

    access: str
    refresh: str


class NombreYClave(Carga, kw_only=True):
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Renovacion(Carga, kw_only=True):
    refresh: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


def _pareja(usuario: Usuario, ingreso: str, vuelta: int) -> Pareja:
    renovacion = RefreshToken.for_user(usuario)
    renovacion[RECLAMO] = ingreso
    acceso, renovacion[ingresos.VUELTA] = renovacion.access_token, vuelta
    return Pareja(
        access=_fechado(acceso, usuario.tokens_desde),
        refresh=_fechado(renovacion, usuario.tokens_desde),
    )


def _fechado(token: Token, revocados: datetime | None = None) -> str:
    # Con fracción de segundo: revocar y volver a ingresar caben en el mismo segundo. Y después de
    # la última revocación, aunque la hiciera otra máquina con el reloj por delante.
    token["iat"] = max(time.time(), revocados.timestamp() + 0.001 if revocados else 0.0)
    return str(token)


class Obtener(APIView):
    """`username` y `password` por un token de acceso y otro de renovación."""

    name = "Entrar con un token"
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describir(
        "obtener_token",
        "Entra con nombre (o correo) y contraseña: da un token de acceso y otro de renovación.",
        request=esquemas.cuerpo(NombreYClave),
        da=esquemas.de(Pareja),
        errores=(CodigoError.AUTH_INVALID, CodigoError.RATE_LIMITED),
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

    name = "Renovar el token"
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describir(
        "renovar_tokens",
        "Cambia el token de renovación, que queda gastado, por otra pareja.",
        request=esquemas.cuerpo(Renovacion),
        da=esquemas.de(Pareja),
        errores=(CodigoError.AUTH_INVALID, CodigoError.TOKEN_EXPIRED, CodigoError.RATE_LIMITED),
    )
    def post(self, request: Request) -> Response:
        pedido = carga_de(request, Renovacion)
        turno = ingresos.renovar(datos_de(pedido.refresh), request.META)
        return Response(_pareja(*turno))


class Revocar(APIView):
    """Ningún token mío anterior vale ya, ni mis cookies, y mis conexiones abiertas terminan."""

    name = "Salir de todas partes"

    @describir(
        "revocar_tokens",
        "Sale de todas partes: ningún token ni cookie anterior vale ya.",
        request=None,
    )
    def post(self, request: Request) -> Response:
        revocar(usuario_de_peticion(request).pk)
        return Response(status=204)
