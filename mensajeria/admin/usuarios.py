"""Las cuentas: quien modera las mira y desactiva; quien administra, además, las edita."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from mensajeria.admin.acciones import AccionDeMesa, ConAcciones
from mensajeria.admin.base import SoloLoDeclarado, admitir_direccion, aislado, nombre_de
from mensajeria.models import Usuario
from mensajeria.operaciones import usuarios
from mensajeria.operaciones.ingresos import seguir_dentro
from mensajeria.protocolo import cargas


def _datos(fila: Usuario) -> dict[str, Any]:
    return {"usuarioId": fila.pk}


_PERSONA = ("persona", "es_experto", "is_active", "ultima_conexion", "date_joined")


@admin.register(Usuario)
class UsuarioAdmin(ConAcciones, UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "persona", "is_active", "es_experto", "is_staff", "ultima_conexion")
    list_filter = ("is_active", "is_staff", "es_experto", "date_joined")
    list_per_page = 50
    search_fields = ("username", "nombre", "apellido", "=id")
    show_full_result_count = False
    ordering = ("username",)
    form = UserChangeForm
    add_form = AdminUserCreationForm
    # Se desactiva con su motivo, no con una casilla.
    readonly_fields = ("persona", "is_active", "ultima_conexion", "date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        ("Persona", {"fields": ("nombre", "apellido", "email", "avatar_url", "es_experto")}),
        ("Permisos", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Fechas", {"fields": ("ultima_conexion", "last_login", "date_joined")}),
    )
    acciones = (
        AccionDeMesa(
            nombre="desactivar",
            etiqueta="Desactivar",
            aviso="No podrá entrar, y sus conexiones abiertas se cierran.",
            permiso="desactivar_usuario",
            hecho="usuario desactivado",
            hechos="usuarios desactivados",
            tipo=cargas.DesactivarUsuario,
            datos=_datos,
            sirve=lambda fila: fila.is_active,
            lleva_razon=True,
        ),
        AccionDeMesa(
            nombre="reactivar",
            etiqueta="Reactivar",
            aviso="Podrá entrar otra vez, con un ingreso nuevo.",
            permiso="desactivar_usuario",
            hecho="usuario reactivado",
            hechos="usuarios reactivados",
            tipo=cargas.ReactivarUsuario,
            datos=_datos,
            sirve=lambda fila: not fila.is_active,
            lleva_razon=True,
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **mas: Any) -> Any:
        campo = super().formfield_for_dbfield(db_field, request, **mas)
        if db_field.name == "avatar_url":
            campo.validators.append(admitir_direccion)
        return campo

    def resumir(self, fila: Usuario) -> str:
        return nombre_de(fila)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Sus mensajes y lo que leyó cuentan en las conversaciones de otros: se desactiva.
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("username", *_PERSONA)})]
        return super().get_fieldsets(request, obj)

    def save_model(
        self, request: HttpRequest, obj: Usuario, form: ModelForm[Usuario], change: bool
    ) -> None:
        usuarios.guardar(obj, form.changed_data if change else None)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        respuesta = super().user_change_password(request, id, form_url)
        if request.method == "POST" and id == request.user.pk:
            seguir_dentro(request)
        return respuesta

    @admin.display(description="nombre", ordering="nombre")
    def persona(self, fila: Usuario) -> str:
        return aislado(nombre_de(fila))


admin.site.unregister(Group)


@admin.register(Group)
class GrupoAdmin(SoloLoDeclarado, GroupAdmin):
    pass
