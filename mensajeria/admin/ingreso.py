"""La entrada a la mesa y el cambio de contraseña, con los mismos límites que los tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme

from mensajeria.operaciones.ingreso import intento
from mensajeria.operaciones.ingresos import seguir_dentro
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria


def _en_el_formulario(error: ErrorMensajeria) -> ValidationError:
    """El límite, dicho junto a los campos; lo demás es de otro."""
    if error.codigo is not CodigoError.RATE_LIMITED:
        raise error
    return ValidationError(f"{error.mensaje}; espera {round(error.reintentar_en or 0)} s.")


class FormularioDeIngreso(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        nombre = self.cleaned_data.get("username") or ""
        meta = self.request.META if self.request else {}
        try:
            with intento(nombre, meta) as acierta:
                limpio = super().clean()
                acierta()
                return limpio
        except ErrorMensajeria as error:
            raise _en_el_formulario(error) from None


class FormularioDeCambio(AdminPasswordChangeForm):
    """Adivinar la de ahora desde una sesión ajena cuenta como intentar entrar."""

    def __init__(self, *args: Any, meta: dict[str, Any], **opciones: Any) -> None:
        super().__init__(*args, **opciones)
        self._meta_http = meta

    def clean_old_password(self) -> str:
        try:
            with intento(self.user.get_username(), self._meta_http) as acierta:
                vieja: str = super().clean_old_password()
                acierta()
                return vieja
        except ErrorMensajeria as error:
            raise _en_el_formulario(error) from None


class _Cambio(PasswordChangeView):
    form_class = FormularioDeCambio
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        respuesta = super().form_valid(form)
        seguir_dentro(self.request)
        return respuesta

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "meta": self.request.META}

    def get_context_data(self, **contexto: Any) -> dict[str, Any]:
        return {**super().get_context_data(**contexto), **admin.site.each_context(self.request)}


def cambiar_clave(request: HttpRequest) -> HttpResponseBase:
    """En lugar de la página de Django, que no deja elegir el formulario."""
    return admin.site.admin_view(_Cambio.as_view(), cacheable=True)(request)


def entrar(request: HttpRequest) -> HttpResponseBase:
    """La entrada; quien ya está dentro va a `?next=`, si es de aquí, y no siempre al inicio."""
    siguiente = request.GET.get(REDIRECT_FIELD_NAME, "")
    de_aqui = url_has_allowed_host_and_scheme(
        siguiente, {request.get_host()}, require_https=request.is_secure()
    )
    if request.method == "GET" and de_aqui and admin.site.has_permission(request):
        return HttpResponseRedirect(siguiente)
    return admin.site.login(request)
