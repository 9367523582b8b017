"""El mismo token en REST que en los sockets, en la cabecera `Authorization: Bearer`."""

from __future__ import annotations

import contextlib

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from mensajeria import metricas
from mensajeria.models import Usuario
from mensajeria.operaciones.autenticacion import Credencial, leer_token, usuario_de
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


def token_de(cabecera: bytes) -> str | None:
    """El de `Authorization: Bearer <token>`; `None`, si dice otra cosa."""
    partes = cabecera.split()
    if len(partes) != 2 or partes[0].lower() != b"bearer":
        return None
    return partes[1].decode("latin-1")


class AutenticacionJWT(BaseAuthentication):
    """`Authorization: Bearer <token>`; sin ella, quizá haya sesión."""

    def authenticate(self, request: Request) -> tuple[Usuario, Credencial] | None:
        try:
            credencial = self.credencial(request)
            return None if credencial is None else (usuario_de(credencial), credencial)
        except ErrorMensajeria as error:
            if error.codigo is CodigoError.AUTH_INVALID:
                metricas.INGRESOS_FALLIDOS.labels("token").inc()
            # DRF solo da por resuelta la petición con sus excepciones; la página navegable
            # volvería a preguntar quién es, ya fuera del manejador.
            request._not_authenticated()  # type: ignore[attr-defined]
            raise

    def credencial(self, request: Request) -> Credencial | None:
        """La que trae la petición; lanza si no vale."""
        token = token_de(get_authorization_header(request))
        return None if token is None else leer_token(token)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SiVale(AutenticacionJWT):
    """Donde no hacen falta credenciales: las que ya no valen son como no traerlas."""

    def authenticate(self, request: Request) -> tuple[Usuario, Credencial] | None:
        with contextlib.suppress(ErrorMensajeria):
            return super().authenticate(request)
        return None
