"""Los avisos que recibió cada persona."""

from __future__ import annotations

from django.contrib import admin

from mensajeria.admin.base import SoloLoDeclarado, SoloMirar, aislado
from mensajeria.models import Notificacion


@admin.register(Notificacion)
class NotificacionAdmin(SoloMirar, SoloLoDeclarado):
    list_display = ("usuario", "que", "leida", "fecha")
    list_filter = ("leida", "tipo")
    list_select_related = ("usuario",)
    search_fields = ("=usuario__username",)
    show_full_result_count = False
    fields = ("usuario", "tipo", "que", "leida", "fecha")

    @admin.display(description="aviso")
    def que(self, fila: Notificacion) -> str:
        return aislado(f"{fila.titulo}: {fila.mensaje}")
