"""Páginas por cursor y parámetros de consulta."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from mensajeria.errores import no_valido


class PorCursor(CursorPagination):
    page_size = 50
    max_page_size = 100
    page_size_query_param = "limite"
    cursor_query_param = "cursor"


class Conversaciones(PorCursor):
    ordering = ("-fecha_ultima_actividad", "-pk")


class Mensajes(PorCursor):
    ordering = ("-secuencia",)


class MensajesPorCambio(PorCursor):
    ordering = ("secuencia_cambio",)


class Notificaciones(PorCursor):
    ordering = ("-fecha", "-pk")


def entero(request: Request, nombre: str) -> int | None:
    """Un parámetro entero no negativo, `None` si no está, VALIDATION_ERROR si es otra cosa."""
    crudo = request.query_params.get(nombre)
    if crudo is None:
        return None
    if not (crudo.isascii() and crudo.isdigit() and len(crudo) < 16):
        raise no_valido(f"«{nombre}» es un entero no negativo", nombre)
    return int(crudo)


def logico(request: Request, nombre: str) -> bool | None:
    crudo = request.query_params.get(nombre)
    if crudo is None:
        return None
    if crudo not in ("true", "false"):
        raise no_valido(f"«{nombre}» es true o false", nombre)
    return crudo == "true"


def opcion(request: Request, nombre: str, valores: list[str]) -> str | None:
    crudo = request.query_params.get(nombre)
    if crudo is not None and crudo not in valores:
        raise no_valido(f"«{nombre}» es uno de: {', '.join(valores)}", nombre)
    return crudo
