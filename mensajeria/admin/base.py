"""Lo que comparten las páginas de la mesa: mirar sin tocar, y texto ajeno que no se sale."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator

from mensajeria.models import Conversacion, Usuario, sin_controles

LARGO_DE_EXTRACTO = 120


class SoloMirar:
    """Nadie añade, edita ni borra filas desde aquí, tampoco quien administra."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def aislado(texto: str) -> str:
    """Texto de una persona, escapado y con su propia dirección: no da la vuelta a lo que sigue."""
    return format_html('<bdi dir="auto" class="ajeno">{}</bdi>', texto)


def extracto(texto: str) -> str:
    """Lo primero de un texto, en una línea."""
    return Truncator(sin_controles(texto)).chars(LARGO_DE_EXTRACTO)


def en_json(valor: Any) -> str:
    return aislado(json.dumps(valor, ensure_ascii=False, indent=2)) if valor else "-"


def breve(fecha: datetime) -> str:
    return date_format(timezone.localtime(fecha), "d/m/y H:i")


def nombre_de(usuario: Usuario | None) -> str:
    return sin_controles(usuario.get_full_name()) if usuario else "(cuenta borrada)"


def transcripcion_url(conversacion_id: str, secuencia: int | None = None) -> str:
    """La transcripción, o la página suya en que está ese mensaje."""
    url = reverse("admin:mensajeria_conversacion_transcripcion", args=[conversacion_id])
    return url if secuencia is None else f"{url}?hasta={secuencia}#m-{secuencia}"


def enlace_a_conversacion(conversacion: Conversacion, secuencia: int | None = None) -> str:
    return format_html(
        '<a href="{}">{}</a>',
        transcripcion_url(conversacion.pk, secuencia),
        aislado(str(conversacion)),
    )
