"""A cuenta de quién va una petición HTTP: la misma que la de sus sockets (docs/contrato.md, 3).

Se mira antes de ocupar ningún hilo, sin la base: por la firma del token, o porque ya se vio de
quién es la sesión de la página, o el correo por el que va el token.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.db import close_old_connections
from django.http import HttpRequest, QueryDict, parse_cookie

from mensajeria.api import firmas
from mensajeria.api.autenticacion import token_de
from mensajeria.api.firmas import PARAMETRO
from mensajeria.entre_procesos.aforo import red_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.cubos import SIN_FIN, Cubo, peso
from mensajeria.operaciones.autenticacion import (
    CLAVE_DE_SESION,
    Credencial,
    cuenta_de,
    leer_token,
    usuario_de,
)
from mensajeria.operaciones.ingresos import usuario_con_cookie
from mensajeria.protocolo.errores import ErrorMensajeria

MAX_SESIONES = 10_000
_DE_ARCHIVO = re.compile(r"/api/mensajeria/archivos/([^/]+)/[a-z]+/?")

_de_sesion: dict[str, str] = {}


class CuentaDePersona(NamedTuple):
    """Lo que a una persona le queda para pedir, y para pedir lo que no existe."""

    cubo: Cubo
    fallidas: Cubo

    def exigir(self) -> None:
        """RATE_LIMITED si no le queda de alguno."""
        self.cubo.exigir()
        self.fallidas.exigir()

    def cobrar(self, camino: str, estado: int, bytes_: int) -> None:
        """Lo que costó esa respuesta; nada, si al final no era quien decía."""
        if estado == 401:
            return
        self.cubo.cobrar(1 + peso(0, bytes_))
        if estado == 404 and camino.startswith("/api/"):
            self.fallidas.cobrar(1)


def de_peticion(scope: Any) -> CuentaDePersona | None:
    """La de quien pide, si se sabe quién es; los archivos de la página no van a la de nadie."""
    estaticos = str(settings.STATIC_URL).removeprefix(settings.PREFIJO)
    quien = "" if scope["path"].startswith(estaticos) else de_quien(scope)
    return de_persona(quien) if quien else None


def de_persona(quien: str) -> CuentaDePersona:
    return CuentaDePersona(compartido().cubos.de(quien), compartido().fallidas.de(quien))


def de_direccion(scope: Any) -> Cubo:
    """Por el que hace cola lo que llega de la suya sin saberse quién lo pide: no se acaba."""
    direccion = scope["client"][0] if scope.get("client") else ""
    return Cubo(red_de(direccion), ritmo=SIN_FIN)


def de_quien(scope: Any) -> str:
    """Por lo mismo que mirará la API: una firma, un token, o si no hay, la sesión; o vacío."""
    if firmado := _de_firma(scope):
        return firmado
    try:
        if credencial := _del_token(scope):
            return cuenta_de(credencial)
    except ErrorMensajeria:
        return ""
    return _de_sesion.get(_sesion(scope), "")


def _del_token(scope: Any) -> Credencial | None:
    """La de su cabecera, si la trae; AUTH_INVALID o TOKEN_EXPIRED si no vale."""
    token = token_de(cabecera(scope, b"authorization", b","))
    return None if token is None else leer_token(token)


def _de_firma(scope: Any) -> str:
    """La de un enlace a un archivo."""
    ruta = _DE_ARCHIVO.fullmatch(scope["path"])
    consulta = scope.get("query_string", b"")
    if ruta is None or PARAMETRO.encode() not in consulta:
        return ""
    try:
        texto = QueryDict(consulta).get(PARAMETRO, "")
        return firmas.leer(str(texto), ruta[1]).usuario_id
    except (ErrorMensajeria, TooManyFieldsSent):
        return ""


def _sesion(scope: Any) -> str:
    galletas = parse_cookie(cabecera(scope, b"cookie", b"; ").decode("latin-1"))
    return galletas.get(settings.SESSION_COOKIE_NAME, "")


def reconocer(scope: Any) -> str:
    """De quién es el token, o la sesión, con que llega, mirándolo en la base; o vacío.

    Se llama en un hilo.
    """
    try:
        if credencial := _del_token(scope):
            return usuario_de(credencial).pk
        return _de_la_sesion(_sesion(scope))
    except Exception:
        # No vale, o la base no responde: se lo dirá quien atienda la petición.
        return ""
    finally:
        close_old_connections()


def _de_la_sesion(clave: str) -> str:
    if not CLAVE_DE_SESION.fullmatch(clave):
        return ""
    peticion = HttpRequest()
    peticion.session = import_module(settings.SESSION_ENGINE).SessionStore(clave)
    usuario = usuario_con_cookie(peticion)
    if usuario is None:
        return ""
    _apuntar(clave, usuario.pk)
    return usuario.pk


def cabecera(scope: Any, nombre: bytes, union: bytes) -> bytes:
    """Lo que trae, si viene partida, junto como lo junta Django."""
    return union.join(v for n, v in scope["headers"] if n == nombre)


def recordar(peticion: HttpRequest) -> None:
    """De quién es la sesión con que llegó, si al atenderla se miró."""
    usuario = getattr(peticion, "_cached_user", None)
    clave = peticion.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if clave and usuario is not None and usuario.is_authenticated:
        _apuntar(clave, usuario.pk)


def _apuntar(clave: str, usuario_id: str) -> None:
    if len(_de_sesion) >= MAX_SESIONES:
        _de_sesion.clear()
    _de_sesion[clave] = usuario_id
