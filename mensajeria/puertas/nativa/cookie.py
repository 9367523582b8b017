"""Quien llega con la cookie de la página entra sin token."""

from __future__ import annotations

import time
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.models import Usuario
from mensajeria.operaciones.autenticacion import CLAVE_DE_SESION, Credencial
from mensajeria.puertas.quien_llama import QuienLlama


async def credencial_de(quien: QuienLlama) -> Credencial | None:
    """La que da su cookie, o `None` si no trae ninguna que valga."""
    clave = _clave_de_sesion(quien)
    if clave is None:
        return None
    usuario = await en_hilo_de_lectura(_usuario_de_la_sesion, clave)
    return None if usuario is None else Credencial(usuario.pk, time.time(), None, clave)


def _clave_de_sesion(quien: QuienLlama) -> str | None:
    """La cookie de sesión, si su origen puede usarla: el propio o uno nombrado, nunca por `*`."""
    if not quien.es_de_casa:
        return None
    try:
        galletas = SimpleCookie(quien.cabecera(b"cookie") or "")
    except CookieError:
        return None
    galleta = galletas.get(settings.SESSION_COOKIE_NAME)
    return galleta.value if galleta and CLAVE_DE_SESION.fullmatch(galleta.value) else None


def _usuario_de_la_sesion(clave: str) -> Usuario | None:
    """El usuario de una sesión de Django que sigue valiendo."""
    peticion = HttpRequest()
    peticion.session = import_module(settings.SESSION_ENGINE).SessionStore(clave)
    usuario = auth.get_user(peticion)
    return usuario if isinstance(usuario, Usuario) else None
