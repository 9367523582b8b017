"""Fijar mensajes: unos pocos de cada conversación, a la vista de todos."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mensajeria import models, presentacion
from mensajeria.filas import ConversacionLigera, MensajeLigero
from mensajeria.operaciones.historia import entrada
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo.cargas import DesfijarMensaje, FijarMensaje
from mensajeria.protocolo.empujes import Cambio, MensajeDesfijado, MensajeFijado
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, sin_permiso
from mensajeria.protocolo.tipos import MAX_FIJADOS


def fijar(lote: Lote, orden: Orden[FijarMensaje]) -> Anuncio | MensajeFijado:
    """Lo fija quien puede, si cabe. Fijar lo fijado no cambia nada, ni quién ni cuándo."""
    actor = orden.actor
    fila = _fijable(lote, actor, orden.carga.mensaje_id)
    if fila.retirado:
        raise _choca("El mensaje está eliminado")
    if fila.fijado:
        _si_es_personal(actor, "El mensaje ya está fijado")
        return MensajeFijado(**_como_esta(fila))
    fijados = lote.filas.fijados[fila.conversacion_id]
    if len(fijados) >= MAX_FIJADOS:
        raise _choca(f"Ya hay {MAX_FIJADOS} mensajes fijados: desfija alguno antes de fijar otro")
    fijados.add(fila.id)
    _poner(lote, fila, lote.ahora, actor.usuario_id)
    return _anunciar(MensajeFijado, lote, fila)


FIJAR = Verbo(
    FijarMensaje,
    fijar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id, fijados=True),
    historia=lambda lote, o: entrada(o, lote.filas.mensajes[o.carga.mensaje_id], "Mensaje fijado"),
)


def desfijar(lote: Lote, orden: Orden[DesfijarMensaje]) -> Anuncio | MensajeDesfijado:
    """Lo desfija quien puede fijar, lo fijara quien lo fijara. Repetirlo no cambia nada."""
    fila = _fijable(lote, orden.actor, orden.carga.mensaje_id)
    if not fila.fijado:
        _si_es_personal(orden.actor, "El mensaje no está fijado")
        return MensajeDesfijado(**_como_esta(fila))
    dejar_sin_fijar(lote, fila)
    return _anunciar(MensajeDesfijado, lote, fila)


DESFIJAR = Verbo(
    DesfijarMensaje,
    desfijar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id),
    historia=lambda lote, o: entrada(
        o, lote.filas.mensajes[o.carga.mensaje_id], "Mensaje desfijado"
    ),
)


def dejar_sin_fijar(lote: Lote, fila: MensajeLigero) -> None:
    """Deja de estar fijado, si lo estaba; lo anuncia quien llama, con su propio cambio."""
    if fila.fijado:
        lote.filas.fijados.get(fila.conversacion_id, set()).discard(fila.id)
        _poner(lote, fila, None, None)


def _fijable(lote: Lote, actor: Actor, mensaje_id: str) -> MensajeLigero:
    fila = lote.mensaje_visible(mensaje_id, actor)
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    if not _puede_fijar(lote, conversacion, actor):
        raise sin_permiso("Sin permisos para fijar mensajes")
    lote.abierta(conversacion.id)
    return fila


def _puede_fijar(lote: Lote, conversacion: ConversacionLigera, actor: Actor) -> bool:
    if actor.personal or conversacion.tipo == models.Conversacion.Tipo.INDIVIDUAL:
        return True
    return lote.participante(conversacion.id, actor).puede_moderar


def _poner(lote: Lote, fila: MensajeLigero, fecha: datetime | None, por: str | None) -> None:
    fila.fijado, fila.fecha_fijado, fila.fijado_por = fecha is not None, fecha, por
    lote.cambiar(fila, "fijado", "fecha_fijado", "fijado_por")


def _anunciar(tipo: type[Cambio], lote: Lote, fila: MensajeLigero) -> Anuncio:
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    lote.numerar(fila)
    fijado = presentacion.fijado(fila)
    return lote.anunciar(tipo, conversacion, mensaje_id=fila.id, fijado=fijado)


def _como_esta(fila: MensajeLigero) -> dict[str, Any]:
    return {
        "conversacion_id": fila.conversacion_id,
        "secuencia_cambio": fila.secuencia_cambio,
        "mensaje_id": fila.id,
        "fijado": presentacion.fijado(fila),
    }


def _si_es_personal(actor: Actor, mensaje: str) -> None:
    """La historia de la mesa no dice lo que no pasó."""
    if actor.personal:
        raise _choca(mensaje)


def _choca(mensaje: str) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.CONFLICT, mensaje)
