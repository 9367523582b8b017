"""Las rutas del original; las que no están aquí, o no le tocan, son las nuestras."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from mensajeria.api.original import otras
from mensajeria.api.original.conversaciones import ConversacionesDelOriginal, Participantes
from mensajeria.api.original.mensajes import HistoriaDelOriginal, MensajesDelOriginal
from mensajeria.api.original.respuestas import DelOriginal
from mensajeria.api.paginas import ID

_C = rf"conversaciones/(?P<pk>{ID})/"
_M = rf"mensajes/(?P<pk>{ID})/"


def _ruta(camino: str, nombre: str, vista: type[DelOriginal], **acciones: Any) -> URLPattern:
    return re_path(rf"^api/mensajeria/{camino}$", vista.as_view(acciones), name=nombre)


urlpatterns = [
    _ruta(
        "conversaciones/", "conversaciones", ConversacionesDelOriginal, get="list", post="create"
    ),
    _ruta(_C, "conversacion", ConversacionesDelOriginal, get="retrieve"),
    _ruta(f"{_C}leer/", "leer_todo", ConversacionesDelOriginal, put="leer"),
    _ruta(f"{_C}participantes/", "participantes", Participantes, put="update"),
    _ruta(f"{_C}mensajes/", "historia", HistoriaDelOriginal, get="list", post="create"),
    _ruta(_M, "mensaje", MensajesDelOriginal, delete="destroy"),
    _ruta(f"{_M}editar/", "editar", MensajesDelOriginal, put="editar"),
    _ruta(f"{_M}leer/", "leer", MensajesDelOriginal, put="leer"),
    _ruta(f"{_M}reacciones/", "reacciones", MensajesDelOriginal, post="reaccionar"),
    _ruta("estadisticas/", "estadisticas", otras.CifrasDelOriginal, get="list"),
    _ruta("buscar/", "buscar", otras.BusquedaDelOriginal, get="list"),
    _ruta("health/", "health", otras.Salud, get="list"),
    _ruta("test/", "prueba", otras.PruebaDelOriginal, post="create"),
]
