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
        "conversacion_id"
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


def visibles_para(lector: Usuario, ids: Collection[str]) -> set[str]:
    """De esos identificadores, los de cuentas activas que ve; él mismo, siempre."""
    politica = visibilidad_para(lector)
    activos = dict(_ACTIVOS(sorted(ids)))
    if politica is Visibilidad.TODOS:
        return activos.keys() & ids
    vistos = {lector.pk} & activos.keys()
    if politica is Visibilidad.EXPERTOS:
        vistos |= {pk for pk, es_experto in activos.items() if es_experto}
    if por_ver := sorted(set(ids) - vistos):
        suyas = [conversacion for (conversacion,) in _SUYAS(lector.pk)]
        vistos |= {pk for (pk,) in _ESTAN(suyas, por_ver)} & activos.keys()
    return vistos


def exigir_visible(lector: Usuario, usuario_id: str, campo: str) -> None:
    """NOT_FOUND si no lo ve."""
    if usuario_id not in visibles_para(lector, [usuario_id]):
        raise no_existe(campo)


def exigir_invitables(lector: Usuario, carga: Carga) -> None:
    """NOT_FOUND si esa orden reúne a alguien a quien quien la pide no ve.

    Vale también aquel que sigue en la individual de la que salió quien la pide, y quien
    ya estuvo en esa conversación.
    """
    if isinstance(carga, CrearConversacion):
        otros = {p.usuario_id for p in carga.participantes} - {lector.pk}
        if otros - visibles_para(lector, otros) and not _ya_hablaron(lector.pk, carga, otros):
            raise no_existe("participantes")
    elif isinstance(carga, AgregarParticipante):
        otros = {carga.usuario_id}
        if otros - visibles_para(lector, otros) and not _estuvo(lector.pk, carga):
            raise no_existe("usuarioId")


def _ya_hablaron(lector_id: str, carga: CrearConversacion, otros: set[str]) -> bool:
    """Si pedirla le devuelve a la que el otro no dejó; una nueva arrastraría a quien salió."""
    if carga.clase != "individual" or carga.asesoria is not None or len(otros) != 1:
        return False
    return Participante.objects.filter(
        conversacion__clave_pareja=clave_de_pareja(lector_id, *otros),
        conversacion__activa=True,
        usuario__in=otros,
        activo=True,
    ).exists()


def _estuvo(lector_id: str, carga: AgregarParticipante) -> bool:
    """Si salió de una conversación en la que participa quien lo agrega, que lo ve en ella."""
    fueron = Participante.objects.filter(conversacion=carga.conversacion_id)
    filas = dict(
        fueron.filter(usuario__in=[lector_id, carga.usuario_id]).values_list("usuario_id", "activo")
    )
    return bool(filas.get(lector_id)) and carga.usuario_id in filas
