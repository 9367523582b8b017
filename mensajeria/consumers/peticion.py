"""Lo que una puerta sabe de quien llama: origen, dirección, agente y sesión de la página."""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from mensajeria.models import Usuario

Scope = dict[str, Any]

_CLAVE_DE_SESION = re.compile(r"[a-z0-9]{8,64}")


def cabecera(scope: Scope, nombre: bytes) -> str:
    """El valor de una cabecera, o vacío."""
    for clave, valor in scope.get("headers", ()):
        if clave == nombre:
            return str(valor.decode("latin-1"))
    return ""


def direccion(scope: Scope) -> str:
    """La del cliente; uvicorn ya la tomó de `X-Forwarded-For` si el proxy es de confianza."""
    cliente = scope.get("client")
    return str(cliente[0]) if cliente else ""


def _es_el_propio(origen: str, host: str) -> bool:
    try:
        return urlsplit(origen).netloc == host != ""
    except ValueError:
        return False


def origen_admitido(origen: str | None, host: str | None) -> bool:
    """Sin `Origin` no hay navegador, y se admite; con él, ha de ser el propio o de la lista."""
    admitidos = settings.SOCKET_CORS_ORIGIN
    return (
        not origen or origen in admitidos or "*" in admitidos or _es_el_propio(origen, host or "")
    )


def clave_de_sesion(scope: Scope) -> str | None:
    """La cookie de sesión, si su origen puede usarla: el propio o uno nombrado, nunca por `*`."""
    origen = cabecera(scope, b"origin")
    propio = _es_el_propio(origen, cabecera(scope, b"host"))
    if not origen or not (propio or origen in settings.SOCKET_CORS_ORIGIN):
        return None
    try:
        galletas = SimpleCookie(cabecera(scope, b"cookie"))
    except CookieError:
        return None
    galleta = galletas.get(settings.SESSION_COOKIE_NAME)
    return galleta.value if galleta and _CLAVE_DE_SESION.fullmatch(galleta.value) else None


def usuario_de_la_sesion(clave: str) -> Usuario | None:
    """El usuario de una sesión de Django que sigue valiendo. Toca la base."""
    peticion = HttpRequest()
    peticion.session = import_module(settings.SESSION_ENGINE).SessionStore(clave)
    usuario = auth.get_user(peticion)
    return usuario if isinstance(usuario, Usuario) else None
