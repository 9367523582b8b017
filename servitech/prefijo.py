"""Bajo qué camino está todo (`PREFIJO`), y lo que cambia con él."""

from __future__ import annotations

import re
from typing import Any, Final

from servitech.entorno import Malo

_CAMINO: Final = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


def prefijo(valor: str) -> str:
    """Un camino que va delante de todos los demás, sin la `/` del final; `/` es ninguno."""
    solo = valor.rstrip("/")
    if solo and not _CAMINO.fullmatch(solo):
        raise Malo("no es un camino de letras, cifras, puntos y guiones", "/chat")
    return solo


def con_prefijo(prefijo: str) -> dict[str, Any]:
    """Los de Django que lo llevan."""
    de_todos = {
        "FORCE_SCRIPT_NAME": prefijo or None,
        "LOGIN_URL": f"{prefijo}/admin/login/",
        "LOGIN_REDIRECT_URL": f"{prefijo}/admin/",
    }
    return de_todos | (_galletas(prefijo) if prefijo else {})


def _galletas(prefijo: str) -> dict[str, Any]:
    """Con nombre propio: en el mismo sitio puede haber otro Django, y el navegador enviaría a cada
    uno las de los dos.
    """
    de_este = prefijo.replace("/", "_")
    return {
        "SESSION_COOKIE_NAME": f"sessionid{de_este}",
        "CSRF_COOKIE_NAME": f"csrftoken{de_este}",
        "SESSION_COOKIE_PATH": prefijo,
        "CSRF_COOKIE_PATH": prefijo,
        # La de los avisos de la mesa iría siempre a la raíz.
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
    }
