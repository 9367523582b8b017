"""Lo que un usuario puede ver: lo demás no existe para él."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from mensajeria.consultas.coste import leidas
from mensajeria.consultas.filas import DE_MENSAJE, FilaDeMensaje, mensajes_de_filas
from mensajeria.consultas.presentar import con_lo_que_cita
from mensajeria.models import Conversacion, Mensaje
from mensajeria.protocolo.errores import no_existe


def conversaciones_de(usuario_id: str) -> QuerySet[Conversacion]:
    """Las conversaciones de las que es participante activo."""
    return Conversacion.objects.filter(
        participantes__usuario=usuario_id, participantes__activo=True
    )


def conversacion_de(usuario_id: str, conversacion_id: str) -> Conversacion:
    """Una de las suyas, o NOT_FOUND: lo mismo para la ajena y la que no existe."""
    fila = conversaciones_de(usuario_id).filter(pk=conversacion_id).first()
    if fila is None:
        raise no_existe("conversacionId")
    return fila


def mensajes_de(usuario_id: str, conversacion_id: str) -> QuerySet[Mensaje]:
    """Los mensajes de una de sus conversaciones, o NOT_FOUND."""
    conversacion_de(usuario_id, conversacion_id)
    return con_lo_que_cita(Mensaje.objects.filter(conversacion=conversacion_id))


def fijados_de(
    usuario_id: str,
    conversacion_id: str,
    descendente: bool = True,
    desde: datetime | None = None,
) -> QuerySet[Mensaje]:
    """Los fijados de una de sus conversaciones, el último en fijarse primero; o NOT_FOUND.

    Con `desde`, los que en ese orden van detrás de esa fecha.
    """
    fijados = mensajes_de(usuario_id, conversacion_id).filter(fijado=True)
    if desde is not None:
        fijados = fijados.filter(**{f"fecha_fijado__{'lt' if descendente else 'gt'}": desde})
    signo = "-" if descendente else ""
    return fijados.order_by(f"{signo}fecha_fijado", f"{signo}secuencia")


def visibles_de(usuario_id: str, conversacion_id: str) -> QuerySet[Mensaje]:
    """Los de una de sus conversaciones que no son lápidas, lo más nuevo primero; o NOT_FOUND."""
    visibles = mensajes_de(usuario_id, conversacion_id).filter(eliminado=False, oculto=False)
    return visibles.order_by("-secuencia")


def filas_de(mensajes: QuerySet[Mensaje]) -> list[FilaDeMensaje]:
    """Sus filas ligeras, con lo que hace falta para presentarlas y el historial resumido."""
    columnas = list(mensajes.values_list(*DE_MENSAJE))
    leidas(filas=len(columnas))
    return mensajes_de_filas(columnas)


def mensaje_de(usuario_id: str, mensaje_id: str) -> Mensaje:
    """Un mensaje de alguna de sus conversaciones, o NOT_FOUND: del ajeno no se lee nada."""
    suyo = Mensaje.objects.filter(
        pk=mensaje_id,
        conversacion__participantes__usuario=usuario_id,
        conversacion__participantes__activo=True,
    )
    fila = con_lo_que_cita(suyo).first()
    if fila is None:
        raise no_existe("mensajeId")
    return fila
