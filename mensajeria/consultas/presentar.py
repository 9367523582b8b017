"""De filas a formas, de muchas en muchas y sin una consulta por fila."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import QuerySet

from mensajeria import presentacion
from mensajeria.consultas.filas import DE_CURSORES, FilaDeCursores, FilaDeReaccion
from mensajeria.consultas.gente import Gente, gente_de, participantes_de
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.recibos import recibos_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Lectura, Mensaje, Participante, Reaccion
from mensajeria.models.datos import DatosDeConversacion, DatosDeMensaje, DatosDeParticipante
from mensajeria.presentacion import Entorno
from mensajeria.protocolo import formas
from mensajeria.protocolo.json_estricto import codificar

_ENTREGADO, _LEIDO = Lectura.Clase.ENTREGADO.value, Lectura.Clase.LEIDO.value


def con_lo_que_cita(filas: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
    """Esos mensajes con su autor y lo que citan: lo que hace falta para presentarlos."""
    return filas.select_related("remitente", "respuesta_a__remitente")


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
        .values_list("mensaje_id", "pk", "usuario_id", "tipo", "fecha")
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


def presentar_participantes(filas: Sequence[DatosDeParticipante]) -> list[formas.Participante]:
    """Con una sola mirada a la presencia."""
    en_linea = compartido().presencia.en_linea({p.usuario_id for p in filas})
    return [presentacion.participante(p, p.usuario_id in en_linea) for p in filas]


def propias_de(
    participantes: Iterable[DatosDeParticipante], salvo: Collection[str] = ()
) -> dict[str, bytes]:
    """La entrada de cada uno, en JSON, para el evento en el que solo va la de quien lo recibe."""
    return {
        p.usuario_id: codificar(presentacion.participante(p, en_linea=True))
        for p in participantes
        if p.activo and p.usuario_id not in salvo
    }


def todos_los_de(conversacion: str) -> list[formas.Participante]:
    """Todos los suyos, también los que salieron, en orden de ingreso."""
    return presentar_participantes(participantes_de([conversacion])[conversacion])


def presentar_conversaciones(
    filas: Sequence[DatosDeConversacion], lector: str | None = None, *nombrados: str
) -> list[formas.Conversacion]:
    """Las formas de `filas`; de las numerosas, con el lector y los nombrados."""
    van = nombrados if lector is None else (lector, *nombrados)
    return presentar_con_su_gente(filas, gente_de([f.id for f in filas], van), lector)


def presentar_con_su_gente(
    filas: Sequence[DatosDeConversacion], gente: Mapping[str, Gente], lector: str | None = None
) -> list[formas.Conversacion]:
    """Las formas de `filas` con la gente que va en cada una, ya leída."""
    presencia = compartido().presencia
    en_linea = presencia.en_linea({p.usuario_id for g in gente.values() for p in g.filas})
    conectados = presencia.conectados([id_ for id_, g in gente.items() if g.numerosa])
    return [
        presentacion.conversacion(
            f, gente[f.id].filas, gente[f.id].total, en_linea, lector, conectados.get(f.id)
        )
        for f in filas
    ]
