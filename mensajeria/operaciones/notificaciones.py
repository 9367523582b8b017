"""Avisos a una persona, guardados y empujados a todas sus conexiones."""

from __future__ import annotations

from typing import Any

from mensajeria.filas import ConversacionLigera
from mensajeria.models import Notificacion
from mensajeria.ordenes.lote import Lote
from mensajeria.protocolo import empujes, formas
from mensajeria.protocolo.errores import no_existe


def _notificar(
    lote: Lote, usuario_id: str, tipo: str, titulo: str, mensaje: str, **datos: Any
) -> None:
    fila = Notificacion(
        usuario_id=usuario_id,
        tipo=tipo,
        titulo=titulo[:200],
        mensaje=mensaje[:1000],
        datos=datos,
        acciones=[{"id": "abrir", "texto": "Abrir", "tipo": "abrir_conversacion"}],
        fecha=lote.ahora,
    )
    lote.crear(fila)
    lote.avisar(
        empujes.NuevaNotificacion,
        usuario_id,
        id=fila.id,
        tipo=fila.tipo,
        titulo=fila.titulo,
        mensaje=fila.mensaje,
        icono=fila.icono,
        datos=fila.datos,
        acciones=[formas.Accion(**a) for a in fila.acciones],
    )


def _nombre(conversacion: ConversacionLigera) -> str:
    return conversacion.nombre_personalizado or conversacion.codigo


def avisar_al_agregado(lote: Lote, conversacion: ConversacionLigera, usuario_id: str) -> None:
    _notificar(
        lote,
        usuario_id,
        "participante_agregado",
        "Nueva conversación",
        f"Te han agregado a {_nombre(conversacion)}",
        conversacionId=conversacion.id,
    )


def avisar_al_removido(lote: Lote, conversacion: ConversacionLigera, usuario_id: str) -> None:
    _notificar(
        lote,
        usuario_id,
        "participante_removido",
        "Ya no participas",
        f"Te han quitado de {_nombre(conversacion)}",
        conversacionId=conversacion.id,
    )


def marcar_leida(usuario_id: str, notificacion_id: str) -> Notificacion:
    """Marca como leída una notificación suya; NOT_FOUND si no lo es.

    Sin orden: es de una persona, no ocupa ningún cambio y a nadie se le anuncia.
    """
    fila = Notificacion.objects.filter(pk=notificacion_id, usuario=usuario_id).first()
    if fila is None:
        raise no_existe("notificacionId")
    if not fila.leida:
        fila.leida = True
        fila.save(update_fields=["leida"])
    return fila
