"""A cuenta de quién va una petición HTTP: la misma que la de sus sockets (docs/contrato.md, 3).

Se mira antes de ocupar ningún hilo, sin la base: por la firma del token, o porque ya se vio de
quién es la sesión de la página, o el correo por el que va el token.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, parse_cookie

from mensajeria.api.autenticacion import token_de
from mensajeria.entre_procesos.aforo import red_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.cubos import SIN_FIN, Cubo, peso
from mensajeria.operaciones.autenticacion import cuenta_de, leer_token
from mensajeria.protocolo.errores import ErrorMensajeria

MAX_SESIONES = 10_000

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
    quien = "" if scope["path"].startswith(settings.STATIC_URL) else _quien(scope)
    if not quien:
        return None
    return CuentaDePersona(compartido().cubos.de(quien), compartido().fallidas.de(quien))


def de_direccion(scope: Any) -> Cubo:
    """Por el que hace cola lo que llega de la suya sin saberse quién lo pide: no se acaba."""
    direccion = scope["client"][0] if scope.get("client") else ""
    return Cubo(red_de(direccion), ritmo=SIN_FIN)


def _quien(scope: Any) -> str:
    """Por lo mismo que mirará la API: un token, o si no hay, la sesión."""
    token = token_de(_cabecera(scope, b"authorization", b","))
    if token is not None:
        try:
            return cuenta_de(leer_token(token))
        except ErrorMensajeria:
            return ""
    galletas = parse_cookie(_cabecera(scope, b"cookie", b"; ").decode("latin-1"))
    return _de_sesion.get(galletas.get(settings.SESSION_COOKIE_NAME, ""), "")


def _cabecera(scope: Any, nombre: bytes, union: bytes) -> bytes:
    """Lo que trae, si viene partida, junto como lo junta Django."""
    return union.join(v for n, v in scope["headers"] if n == nombre)


def recordar(peticion: HttpRequest) -> None:
    """De quién es la sesión con que llegó, si al atenderla se miró."""
    usuario = getattr(peticion, "_cached_user", None)
    clave = peticion.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if clave and usuario is not None and usuario.is_authenticated:
        if len(_de_sesion) >= MAX_SESIONES:
            _de_sesion.clear()
        _de_sesion[clave] = usuario.pk
