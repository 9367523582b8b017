"""De filas a formas, de muchas en muchas y sin una consulta por fila."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from mensajeria import presentacion
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Conversacion, Lectura, Mensaje, Participante, Reaccion
from mensajeria.presentacion import Entorno, Recibos
from mensajeria.protocolo import formas


def con_lo_que_cita(filas: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
    """Esos mensajes con su autor y lo que citan: lo que hace falta para presentarlos."""
    return filas.select_related("remitente", "respuesta_a__remitente")


def participantes_de(conversaciones: Iterable[str]) -> dict[str, list[Participante]]:
    """Los participantes, también los que salieron, por conversación y en orden de ingreso."""
    filas = (
        Participante.objects.filter(conversacion__in=list(conversaciones))
        .select_related("usuario")
        .order_by("fecha_ingreso", "pk")
    )
    por_conversacion: dict[str, list[Participante]] = defaultdict(list)
    for fila in filas:
        por_conversacion[fila.conversacion_id].append(fila)
    return por_conversacion


def presentar_mensajes(filas: Sequence[Mensaje]) -> list[formas.Mensaje]:
    """Las formas de `filas` (con `remitente` y `respuesta_a` cargados), en tres consultas."""
    if not filas:
        return []
    entornos = _entornos(filas)
    reacciones: dict[str, list[Reaccion]] = defaultdict(list)
    for r in Reaccion.objects.filter(mensaje__in=[f.pk for f in filas]).order_by("fecha", "pk"):
        reacciones[r.mensaje_id].append(r)
    return [presentacion.mensaje(f, entornos[f.conversacion_id], reacciones[f.pk]) for f in filas]


def _entornos(filas: Sequence[Mensaje]) -> dict[str, Entorno]:
    tramos: dict[str, tuple[int, int]] = {}
    for f in filas:
        desde, hasta = tramos.get(f.conversacion_id, (f.secuencia, f.secuencia))
        tramos[f.conversacion_id] = (min(desde, f.secuencia), max(hasta, f.secuencia))
    participantes = participantes_de(tramos)
    dueno = {p.pk: p for ps in participantes.values() for p in ps}
    solapan = Q(pk__in=[])
    for conversacion, (desde, hasta) in tramos.items():
        suyos = [p.pk for p in participantes[conversacion]]
        solapan |= Q(participante__in=suyos, hasta__gte=desde, desde__lt=hasta)
    recibos: dict[tuple[str, str], dict[str, Recibos]] = defaultdict(dict)
    filas_de_recibo = Lectura.objects.filter(solapan).order_by("hasta")
    for participante_id, clase, desde, hasta, fecha in filas_de_recibo.values_list(
        "participante_id", "clase", "desde", "hasta", "fecha"
    ):
        p = dueno[participante_id]
        suyo = recibos[p.conversacion_id, clase].setdefault(p.usuario_id, Recibos())
        suyo.desde.append(desde)
        suyo.hasta.append(hasta)
        suyo.fechas.append(fecha)
    return {
        c: Entorno(
            participantes[c],
            recibos[c, Lectura.Clase.ENTREGADO],
            recibos[c, Lectura.Clase.LEIDO],
        )
        for c in tramos
    }


def presentar_conversaciones(
    filas: Sequence[Conversacion], lector: str | None = None
) -> list[formas.Conversacion]:
    """Las formas de `filas`, en una consulta y una mirada a la presencia."""
    participantes = participantes_de([f.pk for f in filas])
    usuarios = {p.usuario_id for suyos in participantes.values() for p in suyos}
    en_linea = compartido().presencia.en_linea(usuarios)
    return [presentacion.conversacion(f, participantes[f.pk], en_linea, lector) for f in filas]
