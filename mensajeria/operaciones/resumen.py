"""Cuánto se habla, para el personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from mensajeria import presentacion
from mensajeria.models import Conversacion, Mensaje, Usuario
from mensajeria.operaciones.presencia import estadisticas
from mensajeria.protocolo import empujes
from mensajeria.protocolo.tipos import iso

MAS_ACTIVOS = 5


def cifras_de_actividad(
    desde: datetime, hasta: datetime | None = None
) -> empujes.CifrasDeActividad:
    """Mensajes, conversaciones y usuarios más activos de ese tramo, o desde entonces."""
    filas = Mensaje.objects.filter(fecha_envio__gte=desde)
    if hasta is not None:
        filas = filas.filter(fecha_envio__lt=hasta)
    por_usuario = list(
        filas.exclude(remitente=None)
        .values_list("remitente")
        .annotate(cuantos=Count("pk"))
        .order_by("-cuantos", "remitente")[:MAS_ACTIVOS]
    )
    usuarios = Usuario.objects.in_bulk([u for u, _ in por_usuario])
    return empujes.CifrasDeActividad(
        mensajes_enviados=filas.count(),
        conversaciones_activas=filas.values("conversacion").distinct().count(),
        usuarios_mas_activos=[
            empujes.UsuarioActivo(usuario=presentacion.persona(usuarios[u]), mensajes=cuantos)
            for u, cuantos in por_usuario
            if u in usuarios
        ],
    )


@dataclass(frozen=True, slots=True)
class CifrasDelDia:
    """Lo de hoy, desde las 00:00 de `TIME_ZONE`, y quién está conectado ahora."""

    actividad: empujes.CifrasDeActividad
    conectados: empujes.EstadisticasDelSistema
    usuarios_nuevos: int
    ocultos: int
    eliminados: int


def cifras_del_dia() -> CifrasDelDia:
    """Siete consultas, haya lo que haya."""
    hoy = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return CifrasDelDia(
        actividad=cifras_de_actividad(hoy),
        conectados=estadisticas(),
        usuarios_nuevos=Usuario.objects.filter(date_joined__gte=hoy).count(),
        ocultos=Mensaje.objects.filter(oculto=True, fecha_ocultacion__gte=hoy).count(),
        eliminados=Mensaje.objects.filter(eliminado=True, fecha_eliminacion__gte=hoy).count(),
    )


def totales_por_tipo() -> dict[str, dict[str, int]]:
    """Cuántas conversaciones y mensajes hay de cada tipo."""
    return {
        nombre: dict(
            modelo.objects.order_by("tipo").values_list("tipo").annotate(cuantos=Count("pk"))
        )
        for nombre, modelo in (("conversaciones", Conversacion), ("mensajes", Mensaje))
    }


def conversaciones_por_tipo() -> list[dict[str, Any]]:
    """De las activas de cada tipo (`_id`): cuántas, sus mensajes y la última actividad."""
    filas = (
        Conversacion.objects.filter(activa=True)
        .order_by("tipo")
        .values_list("tipo")
        .annotate(Count("pk"), Sum("ultima_secuencia"), Max("fecha_ultima_actividad"))
    )
    return [
        {"_id": tipo, "total": total, "totalMensajes": mensajes, "ultimaActividad": iso(ultima)}
        for tipo, total, mensajes, ultima in filas
    ]


def totales_activos() -> dict[str, int]:
    """Cuántas conversaciones siguen abiertas, y cuántos mensajes no son lápidas."""
    return {
        "conversacionesActivas": Conversacion.objects.filter(activa=True).count(),
        "mensajesActivos": Mensaje.objects.filter(eliminado=False, oculto=False).count(),
    }
