"""La historia del admin: qué hizo el personal, sobre qué y por qué, confirmado con ello."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo.tipos import Carga


def de_mensaje(lote: Lote, orden: Orden[Carga], mensaje_id: str, hecho: str) -> LogEntry:
    return _entrada(orden, lote.filas.mensajes[mensaje_id], hecho)


def de_conversacion(lote: Lote, orden: Orden[Carga], conversacion_id: str, hecho: str) -> LogEntry:
    return _entrada(orden, lote.filas.conversaciones[conversacion_id], hecho)


def de_participante(
    lote: Lote, orden: Orden[Carga], conversacion_id: str, usuario_id: str, hecho: str
) -> LogEntry:
    return _entrada(orden, lote.filas.participantes[conversacion_id, usuario_id], hecho)


def de_usuario(lote: Lote, orden: Orden[Carga], usuario_id: str, hecho: str) -> LogEntry:
    return _entrada(orden, lote.filas.usuarios[usuario_id], hecho)


def _entrada(orden: Orden[Carga], objeto: Model, hecho: str) -> LogEntry:
    return LogEntry(
        user_id=orden.actor.usuario_id,
        content_type=ContentType.objects.get_for_model(objeto),
        object_id=objeto.pk,
        object_repr=str(objeto)[:200],
        action_flag=CHANGE,
        change_message=f"{hecho}. Motivo: {orden.motivo}",
    )
