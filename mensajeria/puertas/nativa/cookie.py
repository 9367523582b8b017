"""Quien llega con la cookie de la página entra sin token."""

from __future__ import annotations

import time
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.operaciones.autenticacion import CLAVE_DE_SESION, Credencial
from mensajeria.operaciones.ingresos import el_de, usuario_con_cookie
from mensajeria.puertas.quien_llama import QuienLlama


async def credencial_de(quien: QuienLlama) -> Credencial | None:
    """La que da su cookie, o `None` si no trae ninguna que valga."""
    clave = _clave_de_sesion(quien)
    return None if clave is None else await en_hilo_de_lectura(_de_la_sesion, clave)


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


def _de_la_sesion(clave: str) -> Credencial | None:
    peticion = HttpRequest()
    peticion.session = import_module(settings.SESSION_ENGINE).SessionStore(clave)
    usuario = usuario_con_cookie(peticion)
    if usuario is None:
        return None
    return Credencial(usuario.pk, time.time(), None, el_de(peticion))
