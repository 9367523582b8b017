"""Páginas por cursor y parámetros de consulta."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from mensajeria.protocolo.errores import no_valido

# Lo que puede ser un identificador en una ruta: nada que una base no sepa guardar.
ID = r"[^/\x00-\x1f]{1,36}"


class PorCursor(CursorPagination):
    page_size = 50
    max_page_size = 100
    page_size_query_param = "limite"
    cursor_query_param = "cursor"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError, OverflowError):
            raise no_valido("El cursor no vale: vuelve a la primera página", "cursor") from None


class PorActividad(PorCursor):
    ordering = ("-fecha_ultima_actividad", "-pk")


class PorSecuencia(PorCursor):
    ordering = ("-secuencia",)


class PorCambio(PorCursor):
    ordering = ("secuencia_cambio",)


class PorFecha(PorCursor):
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
