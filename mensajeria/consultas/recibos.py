"""Los recibos que cubren unos mensajes, sin leer los demás.

Los de un participante y clase no se solapan: a cada tramo de mensajes seguidos lo cubren los que
acaban dentro de él, y uno más, el primero que acaba en su último mensaje o después. Los dos se
buscan en el índice, haya los recibos que haya.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from mensajeria.consultas.preparada import Preparada, en_potencia
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


def _dentro(participantes: Any, desde: Any, hasta: Any) -> Q:
    return Q(
        participante__de_la_lista=participantes,
        clase__in=(_ENTREGADO, _LEIDO),
        hasta__gte=desde,
        hasta__lte=hasta,
    )


@functools.cache
def _de_tramos(cuantos: int) -> Preparada:
    def construir(sueltos: Any, *tramos: Any) -> QuerySet[Any, Any]:
        cuales = Q(pk__de_la_lista=sueltos)
        for i in range(0, 3 * cuantos, 3):
            cuales |= _dentro(*tramos[i : i + 3])
        filas = Lectura.objects.filter(cuales).order_by("hasta")
        return filas.values_list("participante_id", "clase", "desde", "hasta", "fecha")

    return Preparada(construir, 1 + 3 * cuantos)


def _leidos(
    tramos: Sequence[_Tramo],
    participantes: Mapping[str, Sequence[Cursores]],
    sueltos: list[str],
) -> list[tuple[Any, ...]]:
    valores: list[tuple[list[str], int, int]] = [
        ([p.id for p in participantes[t.conversacion]], t.desde, t.hasta) for t in tramos
    ]
    valores = en_potencia(valores, ([], 0, 0))
    return _de_tramos(len(valores))(sueltos, *chain.from_iterable(valores))
