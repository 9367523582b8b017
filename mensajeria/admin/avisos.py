"""Lo que espera en el buzón de avisos, lo que se enterró y por qué; y a qué dispositivos sale."""

from __future__ import annotations

from django.contrib import admin

from mensajeria.admin.base import SoloLoDeclarado, SoloMirar
from mensajeria.models import Aviso, Dispositivo


@admin.register(Aviso)
class AvisoAdmin(SoloMirar, SoloLoDeclarado):
    list_display = ("usuario", "canal", "clase", "estado", "intentos", "no_antes_de", "error")
    list_filter = ("estado", "canal")
    list_select_related = ("usuario",)
    search_fields = ("=usuario__username",)
    show_full_result_count = False
    ordering = ("-causado",)
    fields = (
        *("usuario", "canal", "clase", "prioridad", "estado", "causado", "no_antes_de"),
        *("enviado", "intentos", "veces", "ultimo_error"),
    )

    @admin.display(description="último error")
    def error(self, fila: Aviso) -> str:
        return fila.ultimo_error or "-"


@admin.register(Dispositivo)
class DispositivoAdmin(SoloMirar, SoloLoDeclarado):
    """Nunca su dirección ni sus claves: quien las tenga le puede avisar."""

    list_display = ("usuario", "canal", "nombre", "ultima_vez", "ultimo_envio", "error")
    list_filter = ("canal",)
    list_select_related = ("usuario",)
    search_fields = ("=usuario__username",)
    show_full_result_count = False
    fields = (
        *("usuario", "canal", "nombre", "alta", "ultima_vez", "ultimo_envio"),
        *("ultimo_error", "fecha_error"),
    )

    @admin.display(description="último error")
    def error(self, fila: Dispositivo) -> str:
        return fila.ultimo_error or "-"
