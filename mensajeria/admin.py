"""La mesa de los moderadores. Por ahora mira; lo que cambia algo va por `operaciones`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from mensajeria.models import Conversacion, Mensaje, Notificacion, Participante, Usuario


class SoloMirar:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Usuario)
class UsuarioAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "nombre", "apellido", "es_experto", "is_staff", "is_active")
    list_filter = ("is_active", "is_staff", "es_experto")
    search_fields = ("username", "nombre", "apellido", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Persona", {"fields": ("nombre", "apellido", "email", "avatar_url", "es_experto")}),
        (
            "Permisos",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
    )


class ParticipanteEnLinea(SoloMirar, admin.TabularInline):  # type: ignore[type-arg]
    model = Participante
    extra = 0
    fields = ("usuario", "rol", "activo", "puede_enviar", "puede_eliminar", "puede_moderar")


@admin.register(Conversacion)
class ConversacionAdmin(SoloMirar, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("codigo", "nombre_personalizado", "tipo", "activa", "fecha_ultima_actividad")
    list_filter = ("tipo", "activa")
    search_fields = ("codigo", "nombre_personalizado", "id")
    inlines = (ParticipanteEnLinea,)


@admin.register(Mensaje)
class MensajeAdmin(SoloMirar, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("conversacion", "secuencia", "remitente", "texto", "fecha_envio", "eliminado")
    list_filter = ("tipo", "prioridad", "eliminado")
    list_select_related = ("conversacion", "remitente")
    search_fields = ("texto", "id")


@admin.register(Notificacion)
class NotificacionAdmin(SoloMirar, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("usuario", "titulo", "leida", "fecha")
    list_filter = ("leida", "tipo")
