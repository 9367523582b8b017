"""Los recibos que cubren unos mensajes, sin leer los demás.

Los de un participante y clase no se solapan: a cada tramo de mensajes seguidos lo cubren los que
acaban dentro de él, y uno más, el primero que acaba en su último mensaje o después. Los dos se
buscan en el índice, haya los recibos que haya.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Lectura, Mensaje
from mensajeria.models.datos import Cursores, DatosDeMensaje
from mensajeria.presentacion import Recibos

_ENTREGADO, _LEIDO = Lectura.Clase.ENTREGADO.value, Lectura.Clase.LEIDO.value
# Entre dos mensajes que distan más, los recibos que sobran cuestan más que otro tramo.
_SEGUIDOS = 10

# Por conversación y clase, los de cada usuario.
PorClase = dict[tuple[str, str], dict[str, Recibos]]


@dataclass(slots=True)
class _Tramo:
    """Mensajes seguidos de una conversación, del número `desde` al `hasta`, que es `ultimo`."""

    conversacion: str
    desde: int
    hasta: int
    ultimo: str


def _tramos(filas: Iterable[DatosDeMensaje]) -> list[_Tramo]:
    tramos: list[_Tramo] = []
    for f in sorted(filas, key=lambda f: (f.conversacion_id, f.secuencia)):
        anterior = tramos[-1] if tramos else None
        if (
            anterior is None
            or anterior.conversacion != f.conversacion_id
            or f.secuencia > anterior.hasta + _SEGUIDOS
        ):
            tramos.append(_Tramo(f.conversacion_id, f.secuencia, f.secuencia, f.id))
        else:
            anterior.hasta, anterior.ultimo = f.secuencia, f.id
    return tramos


def recibos_de(
    filas: Iterable[DatosDeMensaje], participantes: Mapping[str, Sequence[Cursores]]
) -> PorClase:
    """Los que cubren `filas`, de esos participantes por conversación; en dos consultas."""
    tramos = _tramos(filas)
    dueno = {p.id: p for t in tramos for p in participantes[t.conversacion]}
    recibos: PorClase = defaultdict(dict)
    siguientes = _siguientes(tramos, participantes)
    for participante_id, clase, desde, hasta, fecha in _leidos(tramos, participantes, siguientes):
        p = dueno[participante_id]
        suyo = recibos[p.conversacion_id, clase].setdefault(p.usuario_id, Recibos())
        suyo.desde.append(desde)
        suyo.hasta.append(hasta)
        suyo.fechas.append(fecha)
    return recibos


def _siguiente(clase: str) -> Subquery:
    suyos = Lectura.objects.filter(
        participante=OuterRef("conversacion__participantes__pk"),
        clase=clase,
        hasta__gte=OuterRef("secuencia"),
    )
    return Subquery(suyos.order_by("hasta").values("pk")[:1])


# De cada mensaje, y de cada participante y clase, el primer recibo que acaba en él o después.
_SIGUIENTES = Preparada(
    lambda ids: (
        Mensaje.objects.filter(pk__de_la_lista=ids)
        .annotate(entregado=_siguiente(_ENTREGADO), leido=_siguiente(_LEIDO))
        .values_list("entregado", "leido", "conversacion__participantes__pk")
    ),
    1,
)


def _siguientes(
    tramos: Sequence[_Tramo], participantes: Mapping[str, Sequence[Cursores]]
) -> list[str]:
    """El último recibo de cada tramo; lo que nadie recibió más allá, ya acaba dentro de él."""
    ultimos = [
        t.ultimo
        for t in tramos
        if any(
            p.entregado_hasta > t.hasta or p.leido_hasta > t.hasta
            for p in participantes[t.conversacion]
        )
    ]
    if not ultimos:
        return []
    return [pk for fila in _SIGUIENTES(ultimos) for pk in fila[:2] if pk]


def _columnas(filas: QuerySet[Lectura]) -> QuerySet[Any, Any]:
    orden = filas.order_by("hasta")
    return orden.values_list("participante_id", "clase", "desde", "hasta", "fecha")


def _dentro(participantes: Any, desde: Any, hasta: Any, en: str = "in") -> Q:
    return Q(
        **{f"participante__{en}": participantes},
        clase__in=(_ENTREGADO, _LEIDO),
        hasta__gte=desde,
        hasta__lte=hasta,
    )


_DE_UN_TRAMO = Preparada(
    lambda sueltos, participantes, desde, hasta: _columnas(
        Lectura.objects.filter(
            Q(pk__de_la_lista=sueltos) | _dentro(participantes, desde, hasta, "de_la_lista")
        )
    ),
    4,
)


def _leidos(
    tramos: Sequence[_Tramo],
    participantes: Mapping[str, Sequence[Cursores]],
    sueltos: list[str],
) -> Iterable[tuple[Any, ...]]:
    if len(tramos) == 1:
        t = tramos[0]
        suyos = [p.id for p in participantes[t.conversacion]]
        return _DE_UN_TRAMO(sueltos, suyos, t.desde, t.hasta)
    cuales = Q(pk__in=sueltos)
    for t in tramos:
        suyos = [p.id for p in participantes[t.conversacion]]
        cuales |= _dentro(suyos, t.desde, t.hasta)
    return _columnas(Lectura.objects.filter(cuales))
