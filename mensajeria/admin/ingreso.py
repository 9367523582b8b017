"""La entrada a la mesa, con el mismo límite de intentos que los tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from mensajeria.entre_procesos import limites
from mensajeria.protocolo.errores import ErrorMensajeria


class FormularioDeIngreso(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        nombre = self.cleaned_data.get("username") or ""
        direccion = (self.request.META.get("REMOTE_ADDR") if self.request else None) or ""
        try:
            limites.revisar_ingreso(nombre, direccion)
        except ErrorMensajeria as error:
            espera = round(error.reintentar_en or 0)
            raise ValidationError(f"{error.mensaje}; espera {espera} s.") from None
        try:
            return super().clean()
        except ValidationError:
            limites.anotar_ingreso_fallido(nombre, direccion)
            raise
