"""Entrar en la API navegable con una cookie, y salir: para mirarla desde el navegador."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError

from mensajeria.operaciones.ingreso import intento
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


class FormularioDeLaApi(AuthenticationForm):
    """El de Django, con los límites de `POST token/`."""

    def clean(self) -> dict[str, Any]:
        meta = self.request.META if self.request else {}
        try:
            with intento(self.cleaned_data.get("username") or "", meta) as acierta:
                limpio = super().clean()
                acierta()
                return limpio
        except ErrorMensajeria as error:
            if error.codigo is not CodigoError.RATE_LIMITED:
                raise
            espera = f"{error.mensaje}; espera {error.segundos_de_espera} s."
            raise ValidationError(espera) from None


class Entrar(LoginView):
    authentication_form = FormularioDeLaApi
    template_name = "rest_framework/entrar.html"
    next_page = "indice"

    def get_context_data(self, **mas: Any) -> dict[str, Any]:
        return super().get_context_data(demo=settings.DEMO, **mas)


class Salir(LogoutView):
    next_page = "indice"
