"""La historia del admin: qué hizo el personal, sobre qué y por qué, confirmado con ello."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from mensajeria.errores import ErrorMensajeria
from mensajeria.models import Participante
from mensajeria.operaciones.lote import Lote
from mensajeria.operaciones.orden import Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import Carga


def _cambio_de_actividad(carga: cargas.ActualizarConversacion) -> str:
    return "Conversación reabierta" if carga.activa else "Conversación cerrada"


def _cambio_de_papel(carga: cargas.CambiarParticipante) -> str:
    partes = [] if carga.rol is None else [f"rol: {Participante.Rol(carga.rol).label}"]
    if carga.permisos is not None:
        for campo in carga.permisos.__struct_fields__:
            valor = getattr(carga.permisos, campo)
            if valor is not None:
                partes.append(f"{campo.replace('_', ' ')}: {'sí' if valor else 'no'}")
    return f"Participante cambiado ({', '.join(partes)})"


_HECHOS: dict[type[Carga], str | Callable[[Any], str]] = {
    cargas.OcultarMensaje: "Mensaje ocultado",
    cargas.RestaurarMensaje: "Mensaje restaurado",
    cargas.EliminarMensaje: "Mensaje eliminado",
    cargas.ActualizarConversacion: _cambio_de_actividad,
    cargas.CambiarParticipante: _cambio_de_papel,
    cargas.RemoverParticipante: "Participante quitado",
    cargas.DesactivarUsuario: "Usuario desactivado",
    cargas.ReactivarUsuario: "Usuario reactivado",
}


def anotar(lote: Lote, ordenes: Sequence[Orden], resultados: Sequence[object]) -> None:
    """Una entrada por cada orden cumplida que trae su motivo."""
    entradas = [
        _entrada(lote, orden)
        for orden, resultado in zip(ordenes, resultados, strict=True)
        if orden.motivo and not isinstance(resultado, ErrorMensajeria)
    ]
    if entradas:
        LogEntry.objects.bulk_create(entradas)


def _entrada(lote: Lote, orden: Orden) -> LogEntry:
    objeto = _objeto(lote, orden.carga)
    hecho = _HECHOS[type(orden.carga)]
    que = hecho if isinstance(hecho, str) else hecho(orden.carga)
    return LogEntry(
        user_id=orden.actor.usuario_id,
        content_type=ContentType.objects.get_for_model(objeto),
        object_id=objeto.pk,
        object_repr=str(objeto)[:200],
        action_flag=CHANGE,
        change_message=f"{que}. Motivo: {orden.motivo}",
    )


def _objeto(lote: Lote, carga: Carga) -> Model:
    """Aquello sobre lo que actuó: un mensaje, un participante, una conversación o un usuario."""
    mensaje, conversacion, usuario = (
        getattr(carga, campo, None) for campo in ("mensaje_id", "conversacion_id", "usuario_id")
    )
    if mensaje:
        return lote.mensajes[mensaje]
    if conversacion and usuario:
        return lote.participantes[conversacion, usuario]
    return lote.conversaciones[conversacion] if conversacion else lote.usuarios[usuario]  # type: ignore[index]
