"""Lo que un usuario puede ver: lo demás no existe para él."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Subquery

from mensajeria.consultas.coste import leidas
from mensajeria.consultas.filas import DE_MENSAJE, FilaDeMensaje, mensajes_de_filas
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.presentar import con_lo_que_cita
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.protocolo.errores import no_existe

# Las de quien está en menos se leen todas y se ordenan.
SE_ORDENAN = 2_000
_LA_QUE_SOBRA = Preparada(
    lambda usuario: (
        Participante.objects.filter(usuario=usuario, activo=True)
        .order_by()
        .values_list("pk")[SE_ORDENAN : SE_ORDENAN + 1]
    ),
    1,
)


def conversaciones_de(usuario_id: str) -> QuerySet[Conversacion]:
    """Las conversaciones de las que es participante activo."""
    return Conversacion.objects.filter(
        participantes__usuario=usuario_id, participantes__activo=True
    )


def se_ordenan(usuario_id: str) -> bool:
    """Si son tan pocas que leerlas todas y ordenarlas cuesta poco, estén donde estén.

    PostgreSQL, si no, recorre la actividad de todo el mundo hasta dar con las que caben en la
    página: si las suyas llevan tiempo calladas, son todas las que hay. Las otras bases no lo hacen.
    """
    return se_leen_antes() and not _LA_QUE_SOBRA(usuario_id)


def se_leen_antes() -> bool:
    """Si esta base necesita que se le diga (`leidas_antes`)."""
    return connection.vendor == "postgresql"


def leidas_antes(usuario_id: Any, **como: bool) -> QuerySet[Conversacion]:
    """Las suyas, buscadas por sus participaciones (las que estén así) y no por el orden que se les
    pida.
    """
    participa = Participante.objects.filter(usuario=usuario_id, activo=True, **como)
    ids = Subquery(participa.values("conversacion"), template="ARRAY(%(subquery)s)")
    return Conversacion.objects.filter(pk__de_la_lista=ids)


def por_actividad(usuario_id: str) -> QuerySet[Conversacion]:
    """Las suyas, la de actividad más reciente primero."""
    suyas = leidas_antes if se_ordenan(usuario_id) else conversaciones_de
    return suyas(usuario_id).order_by("-fecha_ultima_actividad", "-pk")


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
    # De los de un mismo milisegundo, el cambio de cada uno.
    return fijados.order_by(f"{signo}fecha_fijado", f"{signo}secuencia_cambio")


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
