"""Reaccionar: una reacción por persona y mensaje."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from mensajeria import presentacion
from mensajeria.errores import CodigoError, ErrorMensajeria
from mensajeria.models import Conversacion, Mensaje, Reaccion
from mensajeria.operaciones.lote import Lote
from mensajeria.operaciones.orden import Orden
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import AgregarReaccion, QuitarReaccion

R = TypeVar("R", empujes.ReaccionAgregada, empujes.ReaccionQuitada)


def preparar(lote: Lote, ordenes: Sequence[Orden]) -> None:
    lote.cargar_reacciones({o.carga.mensaje_id for o in ordenes} & lote.mensajes.keys())  # type: ignore[attr-defined]


def agregar(lote: Lote, orden: Orden) -> empujes.ReaccionAgregada:
    """Pone la reacción del actor, o cambia la que tenía. Repetir la misma no cambia nada."""
    carga: AgregarReaccion = orden.carga  # type: ignore[assignment]
    fila, conversacion = _reaccionable(lote, orden, carga.mensaje_id)
    suyas = lote.reacciones[fila.pk]
    propia = suyas.get(orden.actor.usuario_id)
    if propia is not None and propia.tipo == carga.tipo:
        return _con_reacciones(empujes.ReaccionAgregada, fila, suyas)
    if propia is None:
        usuario = lote.participante(fila.conversacion_id, orden.actor).usuario
        propia = Reaccion(mensaje=fila, usuario=usuario, tipo=carga.tipo, fecha=lote.ahora)
        lote.reaccion_puesta(propia, nueva=True)
    else:
        propia.tipo, propia.fecha = carga.tipo, lote.ahora
        lote.reaccion_puesta(propia, nueva=False)
    suyas[orden.actor.usuario_id] = propia
    fila.secuencia_cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_editado(fila)
    empuje = _con_reacciones(empujes.ReaccionAgregada, fila, suyas)
    lote.anunciar_cambio(conversacion, lambda _: empuje)
    return empuje


def quitar(lote: Lote, orden: Orden) -> empujes.ReaccionQuitada:
    """Quita la reacción del actor (si es de ese `tipo`, cuando lo dice)."""
    carga: QuitarReaccion = orden.carga  # type: ignore[assignment]
    fila, conversacion = _reaccionable(lote, orden, carga.mensaje_id)
    suyas = lote.reacciones[fila.pk]
    propia = suyas.get(orden.actor.usuario_id)
    if propia is None or (carga.tipo is not None and propia.tipo != carga.tipo):
        return _con_reacciones(empujes.ReaccionQuitada, fila, suyas)
    del suyas[orden.actor.usuario_id]
    lote.reaccion_quitada(propia)
    fila.secuencia_cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_editado(fila)
    empuje = _con_reacciones(empujes.ReaccionQuitada, fila, suyas)
    lote.anunciar_cambio(conversacion, lambda _: empuje)
    return empuje


def _reaccionable(lote: Lote, orden: Orden, mensaje_id: str) -> tuple[Mensaje, Conversacion]:
    fila = lote.mensaje_visible(mensaje_id, orden.actor)
    conversacion = lote.abierta(fila.conversacion_id)
    if fila.retirado:
        raise ErrorMensajeria(CodigoError.CONFLICT, "El mensaje está eliminado")
    return fila, conversacion


def _con_reacciones(tipo: type[R], fila: Mensaje, suyas: dict[str, Reaccion]) -> R:
    return tipo(
        conversacion_id=fila.conversacion_id,
        secuencia_cambio=fila.secuencia_cambio,
        mensaje_id=fila.pk,
        reacciones=[presentacion.reaccion(r) for r in suyas.values()],
    )
