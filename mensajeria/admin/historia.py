"""La historia de la mesa: quién hizo qué, y por qué."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils.html import format_html

from mensajeria.admin.base import SoloLoDeclarado, SoloMirar, aislado, breve


@admin.register(LogEntry)
class HistorialAdmin(SoloMirar, SoloLoDeclarado):
    list_display = ("cuando", "user", "objeto", "que")
    list_display_links = None
    list_filter = ("action_time", ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    list_per_page = 50
    search_fields = ("=user__username", "change_message", "=object_id")
    show_full_result_count = False
    fields = ("action_time", "user", "objeto", "que")

    @admin.display(description="cuándo", ordering="action_time")
    def cuando(self, fila: LogEntry) -> str:
        return breve(fila.action_time)

    @admin.display(description="objeto")
    def objeto(self, fila: LogEntry) -> str:
        url = fila.get_admin_url()
        nombre = aislado(fila.object_repr)
        return format_html('<a href="{}">{}</a>', url, nombre) if url else nombre

    @admin.display(description="qué y por qué")
    def que(self, fila: LogEntry) -> str:
        return aislado(fila.get_change_message())
