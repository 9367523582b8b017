"""Los participantes: su rol y sus permisos en cada conversación."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from mensajeria.admin.acciones import AccionDeMesa, ConAcciones, FormularioDeMotivo
from mensajeria.admin.base import SoloMirar, aislado, enlace_a_conversacion, nombre_de
from mensajeria.models import Participante
from mensajeria.protocolo import cargas

_PERMISOS = {
    "puede_enviar": "puedeEnviar",
    "puede_eliminar": "puedeEliminar",
    "puede_moderar": "puedeModerar",
}
_SIN_CAMBIO = ("", "Sin cambio")


def _si_o_no(etiqueta: str) -> forms.ChoiceField:
    opciones = [_SIN_CAMBIO, ("si", "Sí"), ("no", "No")]
    return forms.ChoiceField(label=etiqueta, choices=opciones, required=False)


class Papel(FormularioDeMotivo):
    """El motivo, y el rol y los permisos que se dan o se quitan."""

    rol = forms.ChoiceField(
        label="Rol", choices=[_SIN_CAMBIO, *Participante.Rol.choices], required=False
    )
    puede_enviar = _si_o_no("Puede enviar")
    puede_eliminar = _si_o_no("Puede eliminar mensajes de otros")
    puede_moderar = _si_o_no("Puede moderar")
    field_order = ("rol", *_PERMISOS, "motivo")

    def clean(self) -> dict[str, Any]:
        limpio = super().clean() or self.cleaned_data
        if not any(limpio.get(campo) for campo in ("rol", *_PERMISOS)):
            raise ValidationError("Elige qué cambia: el rol o algún permiso.")
        return limpio

    def datos(self) -> dict[str, Any]:
        elegido = self.cleaned_data
        permisos = {
            cable: elegido[campo] == "si" for campo, cable in _PERMISOS.items() if elegido[campo]
        }
        return {"rol": elegido["rol"] or None, "permisos": permisos or None}


def _datos(fila: Participante) -> dict[str, Any]:
    return {"conversacionId": fila.conversacion_id, "usuarioId": fila.usuario_id}


@admin.register(Participante)
class ParticipanteAdmin(SoloMirar, ConAcciones):
    list_display = ("persona", "donde", "rol", *_PERMISOS, "activo", "fecha_ingreso")
    list_filter = ("rol", "activo", *_PERMISOS)
    list_select_related = ("conversacion", "usuario")
    list_per_page = 50
    search_fields = (
        "usuario__username",
        "usuario__nombre",
        "usuario__apellido",
        "=conversacion__id",
        "=conversacion__codigo",
        "conversacion__nombre_personalizado",
    )
    show_full_result_count = False
    ordering = ("-fecha_ingreso",)
    fields = (
        "persona",
        "donde",
        "rol",
        *_PERMISOS,
        "activo",
        "fecha_ingreso",
        "enviados",
        "entregado_hasta",
        "leido_hasta",
    )
    acciones = (
        AccionDeMesa(
            nombre="cambiar",
            etiqueta="Cambiar rol y permisos",
            aviso="Vale desde ahora mismo, también en las conexiones abiertas.",
            permiso="moderar_participante",
            hecho="participante cambiado",
            hechos="participantes cambiados",
            tipo=cargas.CambiarParticipante,
            datos=_datos,
            sirve=lambda fila: fila.activo,
            formulario=Papel,
        ),
        AccionDeMesa(
            nombre="quitar",
            etiqueta="Quitar de la conversación",
            aviso="Deja de recibirla en el acto, y se le avisa.",
            permiso="moderar_participante",
            hecho="participante quitado",
            hechos="participantes quitados",
            tipo=cargas.RemoverParticipante,
            datos=_datos,
            sirve=lambda fila: fila.activo,
        ),
    )

    def resumir(self, fila: Participante) -> str:
        return f"{nombre_de(fila.usuario)} en {fila.conversacion}"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("conversacion", "usuario")

    @admin.display(description="persona", ordering="usuario")
    def persona(self, fila: Participante) -> str:
        return aislado(nombre_de(fila.usuario))

    @admin.display(description="conversación", ordering="conversacion")
    def donde(self, fila: Participante) -> str:
        return enlace_a_conversacion(fila.conversacion)
