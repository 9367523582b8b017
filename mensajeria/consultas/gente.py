"""Quiénes van con cada conversación: todos o, de las numerosas, solo quienes hagan falta."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from mensajeria.consultas.filas import DE_PARTICIPANTE, FilaDeParticipante, participante_de_fila
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Participante
from mensajeria.models.datos import DatosDeParticipante
from mensajeria.protocolo.tipos import MAX_ENUMERADOS

_TODOS = Preparada(
    lambda conversaciones: (
        Participante.objects.filter(conversacion__de_la_lista=conversaciones)
        .order_by("fecha_ingreso", "pk")
        .values_list(*DE_PARTICIPANTE)
    ),
    1,
)
_NOMBRADOS = Preparada(
    lambda conversaciones, usuarios: Participante.objects.filter(
        conversacion__de_la_lista=conversaciones, usuario__de_la_lista=usuarios
    ).values_list(*DE_PARTICIPANTE),
    2,
)
_NUMEROSAS = Preparada(
    lambda conversaciones: (
        Participante.objects.filter(conversacion__de_la_lista=conversaciones, activo=True)
        .values("conversacion_id")
        .annotate(total=Count("pk"))
        .filter(total__gt=MAX_ENUMERADOS)
        .values_list("conversacion_id", "total")
    ),
    1,
)


class Gente(NamedTuple):
    """Los que van con una conversación, en orden de ingreso, y cuántos participan en ella."""

    filas: Sequence[DatosDeParticipante]
    total: int

    @property
    def numerosa(self) -> bool:
        return self.total > MAX_ENUMERADOS


def gente_entre(todos: Sequence[DatosDeParticipante], nombrados: Collection[str]) -> Gente:
    """De todos los de una conversación, los que van: si es numerosa, solo los nombrados.

    De los que salieron, los `MAX_ENUMERADOS` últimos en llegar.
    """
    total = sum(p.activo for p in todos)
    if total > MAX_ENUMERADOS:
        return Gente([p for p in todos if p.usuario_id in nombrados], total)
    sobran = len(todos) - total - MAX_ENUMERADOS
    if sobran > 0:
        idos = {p.usuario_id for p in [p for p in todos if not p.activo][:sobran]}
        todos = [p for p in todos if p.usuario_id not in idos]
    return Gente(todos, total)


def participantes_de(conversaciones: Iterable[str]) -> dict[str, list[FilaDeParticipante]]:
    """Los participantes, también los que salieron, por conversación y en orden de ingreso."""
    ids = list(conversaciones)
    return _por_conversacion(_TODOS(ids) if ids else [])


def numerosas(conversaciones: Iterable[str]) -> dict[str, int]:
    """De esas conversaciones, las numerosas, y cuántos participan en cada una."""
    ids = list(conversaciones)
    return dict(_NUMEROSAS(ids)) if ids else {}


def gente_de(conversaciones: Sequence[str], nombrados: Collection[str]) -> dict[str, Gente]:
    """La de cada conversación; de las numerosas, sin leer más que a los nombrados.

    Una consulta si en total son pocos, que es lo corriente, y tres como mucho.
    """
    ids = list(conversaciones)
    # De dos en dos veces más, para no compilar una consulta por cada cuenta de conversaciones.
    caben = 1 << (2 * MAX_ENUMERADOS + 16 * len(ids)).bit_length()
    leidos = _TODOS(ids, limite=caben) if ids else []
    if len(leidos) < caben:
        hallados = _por_conversacion(leidos)
        return {id_: gente_entre(hallados[id_], nombrados) for id_ in ids}
    totales = numerosas(ids)
    hallados = participantes_de([id_ for id_ in ids if id_ not in totales])
    propios = _por_conversacion(_NOMBRADOS(list(totales), list(nombrados)))
    return {
        id_: Gente(propios[id_], totales[id_])
        if id_ in totales
        else gente_entre(hallados[id_], nombrados)
        for id_ in ids
    }


def _por_conversacion(filas: list[tuple[Any, ...]]) -> dict[str, list[FilaDeParticipante]]:
    por_conversacion: dict[str, list[FilaDeParticipante]] = defaultdict(list)
    for columnas in filas:
        fila = participante_de_fila(columnas)
        por_conversacion[fila.conversacion_id].append(fila)
    return por_conversacion


def _por_persona(descendente: bool, con_desde: bool) -> Preparada:
    def construir(conversacion: Any, *desde: Any) -> QuerySet[Any, Any]:
        filas = Participante.objects.filter(conversacion=conversacion)
        if desde:
            filas = filas.filter(**{f"usuario__{'lt' if descendente else 'gt'}": desde[0]})
        return filas.order_by("-usuario_id" if descendente else "usuario_id").values_list(
            *DE_PARTICIPANTE
        )

    return Preparada(construir, 2 if con_desde else 1)


_POR_PERSONA = {(d, c): _por_persona(d, c) for d in (False, True) for c in (False, True)}


def listar_participantes(
    conversacion_id: str, descendente: bool, desde: str | None, cuantos: int
) -> list[FilaDeParticipante]:
    """Los suyos, también los que salieron, por el identificador de la persona; con `desde`, los que
    en ese orden van detrás de ella.
    """
    valores = [conversacion_id] if desde is None else [conversacion_id, desde]
    leer = _POR_PERSONA[descendente, desde is not None]
    return [participante_de_fila(f) for f in leer(*valores, limite=cuantos)]


def cuantas_filas(conversacion_id: str) -> int:
    """Cuántos participan o participaron en ella."""
    return Participante.objects.filter(conversacion=conversacion_id).count()
