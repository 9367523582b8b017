"""Quién pide por HTTP con la cookie de la página o de la mesa."""

from __future__ import annotations

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mensajeria.operaciones.ingresos import usuario_con_cookie


class ConCookie(AuthenticationMiddleware):
    """El de Django, y además la cookie deja de valer en cuanto se acaba su ingreso."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(  # type: ignore[assignment]
            lambda: usuario_con_cookie(request) or AnonymousUser()
        )
