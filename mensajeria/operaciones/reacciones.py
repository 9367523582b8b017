"""Reaccionar: una reacción por persona y mensaje."""

from __future__ import annotations

from typing import Any, get_args

from django.conf import settings

from mensajeria import presentacion
from mensajeria.filas import MensajeLigero, ReaccionLigera
from mensajeria.models import nuevo_id
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import formas
from mensajeria.protocolo.cargas import AgregarReaccion, QuitarReaccion
from mensajeria.protocolo.empujes import Cambio, ReaccionAgregada, ReaccionQuitada
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido, sin_permiso
from mensajeria.protocolo.tipos import MAX_REACCIONES, TipoReaccion


def reacciones_admitidas() -> list[str]:
    """Las del contrato y, después, las que añade la casa."""
    return list(dict.fromkeys((*get_args(TipoReaccion), *settings.REACCIONES)))


def _exigir_admitida(tipo: str) -> None:
    if tipo not in reacciones_admitidas():
        raise no_valido("La reacción no es una de las que se admiten", "tipo")


def agregar(lote: Lote, orden: Orden[AgregarReaccion]) -> Anuncio | ReaccionAgregada:
    """Pone la reacción del actor, o cambia la que tenía. Repetir la misma no cambia nada.

    Pide poder enviar; quitar la propia, no.
    """
    carga, actor = orden.carga, orden.actor
    _exigir_admitida(carga.reaccion)
    fila = _reaccionable(lote, orden, carga.mensaje_id)
    if not lote.participante(fila.conversacion_id, actor).puede_enviar:
        raise sin_permiso("Sin permisos para reaccionar")
    propia = lote.filas.reacciones[fila.id].get(actor.usuario_id)
    if propia is not None and propia.tipo == carga.reaccion:
        return ReaccionAgregada(**_como_esta(lote, fila))
    if propia is None:
        if len(lote.filas.reacciones[fila.id]) >= MAX_REACCIONES:
            raise ErrorMensajeria(
                CodigoError.CONFLICT, f"Un mensaje tiene {MAX_REACCIONES} reacciones como mucho"
            )
        quien = lote.participante(fila.conversacion_id, actor).usuario_id
        lote.crear(_nueva(lote, fila, quien, carga.reaccion))
    else:
        propia.tipo, propia.fecha = carga.reaccion, lote.ahora
        lote.cambiar(propia, "tipo", "fecha")
    return _anunciar(ReaccionAgregada, lote, fila)


def _nueva(lote: Lote, mensaje: MensajeLigero, usuario_id: str, tipo: str) -> ReaccionLigera:
    return ReaccionLigera(
        id=nuevo_id(), mensaje_id=mensaje.id, usuario_id=usuario_id, tipo=tipo, fecha=lote.ahora
    )


AGREGAR = Verbo(
    AgregarReaccion,
    agregar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id, reacciones=True),
)


def quitar(lote: Lote, orden: Orden[QuitarReaccion]) -> Anuncio | ReaccionQuitada:
    """Quita la reacción del actor (si es de ese `tipo`, cuando lo dice)."""
    carga = orden.carga
    fila = _reaccionable(lote, orden, carga.mensaje_id)
    propia = lote.filas.reacciones[fila.id].get(orden.actor.usuario_id)
    if propia is None or (carga.reaccion is not None and propia.tipo != carga.reaccion):
        # La que se puso cuando se admitía, se quita.
        if carga.reaccion is not None:
            _exigir_admitida(carga.reaccion)
        return ReaccionQuitada(**_como_esta(lote, fila))
    lote.borrar(propia)
    return _anunciar(ReaccionQuitada, lote, fila)


QUITAR = Verbo(
    QuitarReaccion,
    quitar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id, reacciones=True),
)


def _reaccionable(
    lote: Lote, orden: Orden[AgregarReaccion] | Orden[QuitarReaccion], mensaje_id: str
) -> MensajeLigero:
    fila = lote.mensaje_visible(mensaje_id, orden.actor)
    lote.abierta(fila.conversacion_id)
    if fila.retirado:
        raise ErrorMensajeria(CodigoError.CONFLICT, "El mensaje está eliminado")
    return fila


def _anunciar(tipo: type[Cambio], lote: Lote, fila: MensajeLigero) -> Anuncio:
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    lote.numerar(fila)
    suyas = _presentadas(lote, fila)
    return lote.anunciar(tipo, conversacion, mensaje_id=fila.id, reacciones=suyas)


def _como_esta(lote: Lote, fila: MensajeLigero) -> dict[str, Any]:
    return {
        "conversacion_id": fila.conversacion_id,
        "secuencia_cambio": fila.secuencia_cambio,
        "mensaje_id": fila.id,
        "reacciones": _presentadas(lote, fila),
    }


def _presentadas(lote: Lote, fila: MensajeLigero) -> list[formas.Reaccion]:
    return presentacion.reacciones_de(lote.filas.reacciones_de(fila.id))
