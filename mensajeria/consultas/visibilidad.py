"""Quién ve a quién: la política de `VISIBILIDAD`, la misma para buscar, mirar e invitar.

A quien no se ve es como si no existiera, y se tarda lo mismo en decirlo: se hacen las mismas
consultas, y por lo que es de quien pregunta, exista o no la persona por la que pregunta.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from django.conf import settings

from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Participante, Usuario, clave_de_pareja
from mensajeria.protocolo.cargas import AgregarParticipante, CrearConversacion
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import Carga


class Visibilidad(StrEnum):
    """A quién ve cada cual, además de a quienes participan con él en una conversación."""

    TODOS = "todos"
    EXPERTOS = "expertos"
    COMPARTIDA = "compartida"


def visibilidad_para(lector: Usuario) -> Visibilidad:
    """La del ajuste; el personal ve a todos, que los administra."""
    return Visibilidad.TODOS if lector.is_staff else Visibilidad(settings.VISIBILIDAD)


_ACTIVOS = Preparada(
    lambda ids: Usuario.objects.filter(pk__de_la_lista=ids, is_active=True).values_list(
        "pk", "es_experto"
    ),
    1,
)
_SUYAS = Preparada(
    lambda usuario: Participante.objects.filter(usuario=usuario, activo=True).values_list(
        "conversacion_id", "conversacion__clave_pareja"
    ),
    1,
)
_ESTAN = Preparada(
    lambda conversaciones, usuarios: (
        Participante.objects.filter(
            conversacion__de_la_lista=conversaciones,
            usuario__de_la_lista=usuarios,
            activo=True,
        )
        .values_list("usuario_id")
        .distinct()
    ),
    2,
)


def visibles_para(lector: Usuario, ids: Collection[str], *, salvo: str | None = None) -> set[str]:
    """De esos identificadores, los de cuentas activas que ve; él mismo, siempre.

    Compartir la conversación de la pareja `salvo` no cuenta.
    """
    politica = visibilidad_para(lector)
    activos = dict(_ACTIVOS(sorted(ids)))
    if politica is Visibilidad.TODOS:
        return activos.keys() & ids
    vistos = {lector.pk} & activos.keys()
    if politica is Visibilidad.EXPERTOS:
        vistos |= {pk for pk, es_experto in activos.items() if es_experto}
    if por_ver := sorted(set(ids) - vistos):
        suyas = [id_ for id_, pareja in _SUYAS(lector.pk) if salvo is None or pareja != salvo]
        vistos |= {pk for (pk,) in _ESTAN(suyas, por_ver)} & activos.keys()
    return vistos


def exigir_visible(lector: Usuario, usuario_id: str, campo: str) -> None:
    """NOT_FOUND si no lo ve."""
    if usuario_id not in visibles_para(lector, [usuario_id]):
        raise no_existe(campo)


def no_vistos_por(lector: Usuario, carga: Carga) -> frozenset[str]:
    """De los que esa orden reúne, a quienes no ve quien la pide; qué se hace con ellos lo decide
    ella, que sabe quién sigue donde estaba.

    Compartir la individual de los dos no cuenta: si uno sale de ella mientras se lee esto, la orden
    lo ve.
    """
    if isinstance(carga, AgregarParticipante):
        return frozenset({carga.usuario_id} - visibles_para(lector, [carga.usuario_id]))
    if not isinstance(carga, CrearConversacion):
        return frozenset()
    otros = {p.usuario_id for p in carga.participantes} - {lector.pk}
    de_dos = carga.clase == "individual" and carga.asesoria is None and len(otros) == 1
    pareja = clave_de_pareja(lector.pk, *otros) if de_dos else None
    return frozenset(otros - visibles_para(lector, otros, salvo=pareja))
