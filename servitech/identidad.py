"""Quién pide por HTTP con la cookie de la página o de la mesa."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mensajeria.models import Usuario
from mensajeria.operaciones.ingresos import usuario_con_cookie


class ConCookie(AuthenticationMiddleware):
    """El de Django, y además la cookie deja de valer en cuanto se acaba su ingreso."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _usuario(request))  # type: ignore[assignment]


def _usuario(request: Any) -> Usuario | AnonymousUser:
    """Se busca una vez, y donde Django lo deja: así se sabe si se miró (`cuentas.recordar`)."""
    if not hasattr(request, "_cached_user"):
        request._cached_user = usuario_con_cookie(request) or AnonymousUser()
    return request._cached_user  # type: ignore[no-any-return]
