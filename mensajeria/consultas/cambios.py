"""Lo que cambió en una conversación desde un número de cambio, leído de un mismo instante."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from mensajeria import presentacion
from mensajeria.base_de_datos import instantanea
from mensajeria.consultas.alcance import conversaciones_de
from mensajeria.consultas.coste import leidas
from mensajeria.consultas.filas import (
    DE_CONVERSACION,
    DE_MENSAJE,
    FilaDeConversacion,
    FilaDeMensaje,
    FilaDeParticipante,
    mensajes_de_filas,
)
from mensajeria.consultas.gente import gente_entre, participantes_de
from mensajeria.consultas.preparada import Preparada, en_potencia
from mensajeria.consultas.presentar import (
    presentar_con_su_gente,
    presentar_conversaciones,
    presentar_mensajes,
    propias_de,
)
from mensajeria.models import Conversacion, Mensaje, epoca_actual
from mensajeria.protocolo import formas
from mensajeria.protocolo.json_estricto import codificar, las_que_caben

# Con las dos, y lo que las rodea, una respuesta no llega a lo que su puerta corta.
MAX_BYTES_DE_CONVERSACIONES = 384 * 1024
MAX_BYTES_DE_CAMBIOS = 256 * 1024
MAX_CAMBIOS = 500
TANDA = 250

_SUYAS = Preparada(
    lambda usuario, ids: (
        conversaciones_de(usuario).filter(pk__de_la_lista=ids).values_list(*DE_CONVERSACION)
    ),
    2,
)
_TODAS = Preparada(
    lambda ids: Conversacion.objects.filter(pk__de_la_lista=ids).values_list(*DE_CONVERSACION), 1
)
_ULTIMOS = Preparada(
    lambda ids: Conversacion.objects.filter(pk__de_la_lista=ids).values_list("pk", "ultimo_cambio"),
    1,
)


@dataclass(slots=True)
class Puesta:
    """Una conversación al día: `hasta` es el último cambio que cubre `cambios`.

    `epoca`, en la que valen sus números. `reiniciada`: desde cero, porque el cursor era de otra, o
    de un cambio que no existe.
    """

    conversacion: formas.Conversacion
    puede_enviar: bool
    ultima_secuencia: int
    ultimo_cambio: int
    hasta: int
    cambios: list[formas.Mensaje]
    completa: bool
    epoca: str
    reiniciada: bool


def poner_al_dia(
    usuario_id: str, cursores: Mapping[str, int | None], epoca: str | None = None
) -> dict[str, Puesta | None]:
    """Lo que a `usuario_id` le falta de cada conversación suya desde su cursor (`None`: nada).

    Las que no son suyas no están en la respuesta; las que ya no cabían en ella, sin nada: se piden
    otra vez. `epoca`: la de los cursores, si se sabe.

    Todo se lee de un mismo instante: si no, un mensaje que cambia entre dos lecturas se quedaría
    fuera de la respuesta y de lo que sigue.
    """
    # Antes de leer: si cambia entre medias, lo leído es de una posterior, y se acabará sabiendo.
    actual = epoca_actual()
    with instantanea():
        return _poner_al_dia(usuario_id, cursores, actual, de_otra=epoca not in (None, actual))


def _poner_al_dia(
    usuario_id: str, cursores: Mapping[str, int | None], epoca: str, *, de_otra: bool
) -> dict[str, Puesta | None]:
    suyas = [FilaDeConversacion(*f) for f in _SUYAS(usuario_id, list(cursores))]
    presentadas = presentar_conversaciones(suyas, usuario_id)
    caben = list(las_que_caben(presentadas, MAX_BYTES_DE_CONVERSACIONES))
    leidas(bytes_=sum(len(crudo) for _, crudo in caben))
    formas_ = [forma for forma, _ in caben]
    filas = suyas[: len(formas_)]
    desde = {f.id: cursor for f in filas if (cursor := cursores[f.id]) is not None}
    reiniciadas = {
        f.id for f in filas if f.id in desde and (de_otra or desde[f.id] > f.ultimo_cambio)
    }
    desde |= dict.fromkeys(reiniciadas, 0)
    mensajes, cortadas = _cambiados(filas, desde)
    puestas: dict[str, Puesta | None] = dict.fromkeys(f.id for f in suyas)
    for fila, forma in zip(filas, formas_, strict=True):
        completa = fila.id not in cortadas
        suyos = mensajes.get(fila.id, [])
        propio = next(p for p in forma.participantes if p.usuario.id == usuario_id)
        ultimo = suyos[-1].secuencia_cambio if suyos else (desde.get(fila.id) or 0)
        puestas[fila.id] = Puesta(
            conversacion=forma,
            puede_enviar=propio.permisos.puede_enviar and fila.activa,
            ultima_secuencia=fila.ultima_secuencia,
            ultimo_cambio=fila.ultimo_cambio,
            hasta=fila.ultimo_cambio if completa else ultimo,
            cambios=suyos,
            completa=completa,
            epoca=epoca,
            reiniciada=fila.id in reiniciadas,
        )
    return puestas


def _cambiados(
    filas: Sequence[FilaDeConversacion], desde: Mapping[str, int]
) -> tuple[dict[str, list[formas.Mensaje]], set[str]]:
    """Mensajes cambiados por conversación, y las conversaciones que no cupieron enteras."""
    faltan = {
        f.id: (f.id, desde[f.id], f.ultimo_cambio)
        for f in filas
        if f.id in desde and desde[f.id] < f.ultimo_cambio
    }
    cambiados: dict[str, list[formas.Mensaje]] = defaultdict(list)
    dentro = bytes_ = 0
    while faltan and dentro < MAX_CAMBIOS:
        # Por tandas: quinientos mensajes enteros podrían ser decenas de megabytes.
        cuantos = min(TANDA, MAX_CAMBIOS - dentro)
        hallados = _mensajes_de(list(faltan.values()), cuantos + 1)
        caben = hallados[:cuantos]
        for forma in presentar_mensajes(caben):
            ocupa = len(codificar(forma))
            leidas(bytes_=ocupa)
            bytes_ += ocupa
            if bytes_ > MAX_BYTES_DE_CAMBIOS and dentro:
                return cambiados, set(faltan) - _pasadas(caben, forma.conversacion)
            dentro += 1
            cambiados[forma.conversacion].append(forma)
        if len(hallados) <= cuantos:
            return cambiados, set()
        for id_ in _pasadas(hallados, hallados[-1].conversacion_id):
            del faltan[id_]
        if ultimos := cambiados.get(hallados[-1].conversacion_id):
            id_, _, hasta = faltan[ultimos[-1].conversacion]
            faltan[id_] = id_, ultimos[-1].secuencia_cambio, hasta
    return cambiados, set(faltan)


def _pasadas(filas: Sequence[FilaDeMensaje], esta: str) -> set[str]:
    """Las conversaciones que van antes de esa, enteras: los mensajes vienen por conversación."""
    ids = [f.conversacion_id for f in filas]
    return set(ids[: ids.index(esta)])


def _entre(conversacion: Any, desde: Any, hasta: Any) -> Q:
    return Q(conversacion=conversacion, secuencia_cambio__gt=desde, secuencia_cambio__lte=hasta)


@functools.cache
def _de_tramos(cuantos: int) -> Preparada:
    def construir(*tramos: Any) -> QuerySet[Any, Any]:
        cuales = functools.reduce(
            or_, (_entre(*tramos[i : i + 3]) for i in range(0, 3 * cuantos, 3))
        )
        filas = Mensaje.objects.filter(cuales).order_by("conversacion", "secuencia_cambio")
        return filas.values_list(*DE_MENSAJE)

    return Preparada(construir, 3 * cuantos)


def _mensajes_de(tramos: list[tuple[str, int, int]], cuantos: int) -> list[FilaDeMensaje]:
    """Los de esos tramos de cambios (sin el primero y con el último), por conversación."""
    valores = en_potencia(tramos, ("", 0, 0))
    filas = _de_tramos(len(valores))(*chain.from_iterable(valores), limite=cuantos)
    return mensajes_de_filas(filas)


@dataclass(slots=True)
class Cambios:
    """Lo que `central` necesita para reponer lo que la capa perdió, hasta el cambio `hasta`.

    `propias`: lo que de sí mismo ha de ver cada participante en `conversacion`, si no van todos.
    """

    hasta: int
    completo: bool
    ultima_secuencia: int
    miembros: dict[str, bool | None]
    conversacion: formas.Conversacion | None
    propias: dict[str, bytes]
    no_leidos: dict[str, int]
    mensajes: list[formas.Mensaje]


def cambios_desde(cursores: Mapping[str, int]) -> dict[str, Cambios]:
    """Todo lo cambiado en cada conversación después de su cursor, como está ahora.

    Las que no existen no están en la respuesta.
    """
    with instantanea():
        filas = [FilaDeConversacion(*f) for f in _TODAS(list(cursores))]
        participantes = participantes_de([f.id for f in filas])
        mensajes, cortadas = _cambiados(filas, cursores)
        return {
            f.id: _cambios(
                f, cursores[f.id], participantes[f.id], mensajes.get(f.id, []), f.id in cortadas
            )
            for f in filas
        }


def _cambios(
    fila: FilaDeConversacion,
    desde: int,
    participantes: Sequence[FilaDeParticipante],
    suyos: list[formas.Mensaje],
    cortada: bool,
) -> Cambios:
    hasta = fila.ultimo_cambio
    if cortada:
        hasta = suyos[-1].secuencia_cambio if suyos else desde
    otros = fila.secuencia_cambio > desde or any(p.secuencia_cambio > desde for p in participantes)
    forma, propias = None, {}
    if otros:
        gente = gente_entre(participantes, ())
        [forma] = presentar_con_su_gente([fila], {fila.id: gente})
        if gente.numerosa:
            propias = propias_de(participantes)
    return Cambios(
        hasta=hasta,
        completo=hasta == fila.ultimo_cambio,
        ultima_secuencia=fila.ultima_secuencia,
        miembros={
            p.usuario_id: (p.puede_enviar and fila.activa) if p.activo else None
            for p in participantes
        },
        conversacion=forma,
        propias=propias,
        no_leidos={
            p.usuario_id: presentacion.sin_leer(p, fila.ultima_secuencia) for p in participantes
        },
        mensajes=suyos,
    )


def ultimos_cambios(ids: Iterable[str]) -> dict[str, int]:
    """El último cambio de esas conversaciones; las que no existen no están."""
    return dict(_ULTIMOS(list(ids)))
