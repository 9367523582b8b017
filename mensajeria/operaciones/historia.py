"""La historia del admin: qué hizo el personal, sobre qué y por qué, confirmado con ello."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from mensajeria.filas import MODELO_DE, Fila
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo.tipos import Carga


def entrada(orden: Orden[Carga], objeto: Fila, hecho: str) -> LogEntry:
    """Lo que deja una orden con motivo que hizo `hecho` a ese objeto."""
    return LogEntry(
        user_id=orden.actor.usuario_id,
        content_type=ContentType.objects.get_for_model(MODELO_DE[type(objeto)]),
        object_id=objeto.id,
        object_repr=str(objeto)[:200],
        action_flag=CHANGE,
        change_message=f"{hecho}. Motivo: {orden.motivo}",
    )
