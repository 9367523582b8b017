"""De filas a formas, de muchas en muchas y sin una consulta por fila."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet

from mensajeria import presentacion
from mensajeria.consultas.filas import (
    DE_CURSORES,
    DE_PARTICIPANTE,
    FilaDeCursores,
    FilaDeParticipante,
    FilaDeReaccion,
    participante_de_fila,
)
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.recibos import recibos_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Lectura, Mensaje, Participante, Reaccion
from mensajeria.models.datos import DatosDeConversacion, DatosDeMensaje
from mensajeria.presentacion import Entorno
from mensajeria.protocolo import formas

_ENTREGADO, _LEIDO = Lectura.Clase.ENTREGADO.value, Lectura.Clase.LEIDO.value


def con_lo_que_cita(filas: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
    """Esos mensajes con su autor y lo que citan: lo que hace falta para presentarlos."""
    return filas.select_related("remitente", "respuesta_a__remitente")


_PARTICIPANTES = Preparada(
    lambda conversaciones: (
        Participante.objects.filter(conversacion__de_la_lista=conversaciones)
        .order_by("fecha_ingreso", "pk")
        .values_list(*DE_PARTICIPANTE)
    ),
    1,
)


def participantes_de(conversaciones: Iterable[str]) -> dict[str, list[FilaDeParticipante]]:
    """Los participantes, también los que salieron, por conversación y en orden de ingreso."""
    por_conversacion: dict[str, list[FilaDeParticipante]] = defaultdict(list)
    for columnas in _PARTICIPANTES(list(conversaciones)):
        fila = participante_de_fila(columnas)
        por_conversacion[fila.conversacion_id].append(fila)
    return por_conversacion


_CURSORES = Preparada(
    lambda conversaciones: Participante.objects.filter(
        conversacion__de_la_lista=conversaciones
    ).values_list(*DE_CURSORES),
    1,
)
_REACCIONES = Preparada(
    lambda mensajes: (
        Reaccion.objects.filter(mensaje__de_la_lista=mensajes)
        .order_by("fecha", "pk")
        .values_list("mensaje_id", "usuario_id", "tipo", "fecha")
    ),
    1,
)

PorConversacion = Mapping[str, Sequence[FilaDeCursores]]


def cursores_de(conversaciones: Iterable[str]) -> PorConversacion:
    """Los cursores de cada participante, también de los que salieron, por conversación."""
    cursores: dict[str, list[FilaDeCursores]] = defaultdict(list)
    for columnas in _CURSORES(list(conversaciones)):
        fila = FilaDeCursores(*columnas)
        cursores[fila.conversacion_id].append(fila)
    return cursores


def presentar_mensajes(
    filas: Sequence[DatosDeMensaje],
    cursores: PorConversacion | None = None,
    *,
    enteros: bool = False,
) -> list[formas.Mensaje]:
    """Las formas de `filas` (con `remitente` y `respuesta_a` cargados); `enteros`, con todo su
    historial, si `filas` lo trae.

    En cuatro consultas como mucho; en una menos, con los `cursores` de sus conversaciones.
    """
    if not filas:
        return []
    conversaciones = {f.conversacion_id for f in filas}
    if cursores is None:
        cursores = cursores_de(sorted(conversaciones))
    recibos = recibos_de(filas, cursores)
    entornos = {
        c: Entorno(cursores[c], recibos[c, _ENTREGADO], recibos[c, _LEIDO]) for c in conversaciones
    }
    reacciones: dict[str, list[FilaDeReaccion]] = defaultdict(list)
    for mensaje, *columnas in _REACCIONES([f.id for f in filas]):
        reacciones[mensaje].append(FilaDeReaccion(*columnas))
    return [
        presentacion.mensaje(f, entornos[f.conversacion_id], reacciones[f.id], entero=enteros)
        for f in filas
    ]


def presentar_participantes(conversacion: str) -> list[formas.Participante]:
    """Todos los suyos, también los que salieron."""
    filas = participantes_de([conversacion])[conversacion]
    en_linea = compartido().presencia.en_linea({p.usuario_id for p in filas})
    return [presentacion.participante(p, p.usuario_id in en_linea) for p in filas]


def presentar_conversaciones(
    filas: Sequence[DatosDeConversacion], lector: str | None = None
) -> list[formas.Conversacion]:
    """Las formas de `filas`, en una consulta y una mirada a la presencia."""
    participantes = participantes_de([f.id for f in filas])
    usuarios = {p.usuario_id for suyos in participantes.values() for p in suyos}
    en_linea = compartido().presencia.en_linea(usuarios)
    return [presentacion.conversacion(f, participantes[f.id], en_linea, lector) for f in filas]
