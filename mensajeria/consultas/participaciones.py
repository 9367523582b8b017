"""Quién está en qué conversaciones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from mensajeria import presentacion
from mensajeria.consultas.filas import DE_PARTICIPANTE, participante_de_fila
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Participante


class Participacion(Struct, frozen=True, gc=False):
    """De una conversación activa de un usuario: si puede enviar en ella, y sus dos cuentas."""

    puede_enviar: bool
    ultimo_cambio: int
    ultima_secuencia: int


_ENTERAS = Preparada(
    lambda usuarios: Participante.objects.filter(
        usuario__de_la_lista=usuarios, activo=True, conversacion__activa=True
    ).values_list(
        "usuario_id",
        "conversacion_id",
        "puede_enviar",
        "conversacion__ultimo_cambio",
        "conversacion__ultima_secuencia",
    ),
    1,
)
_IDS = Preparada(
    lambda usuarios: Participante.objects.filter(
        usuario__de_la_lista=usuarios, activo=True, conversacion__activa=True
    ).values_list("usuario_id", "conversacion_id"),
    1,
)


def participaciones_de(usuarios: Iterable[str]) -> dict[str, dict[str, Participacion]]:
    """Las conversaciones activas de cada uno, con las dos cuentas de cada una. Una consulta."""
    por_usuario: dict[str, dict[str, Participacion]] = defaultdict(dict)
    for usuario, id_, puede_enviar, cambio, secuencia in _ENTERAS(list(usuarios)):
        por_usuario[usuario][id_] = Participacion(puede_enviar, cambio, secuencia)
    return por_usuario


def conversaciones_por_usuario(usuarios: Iterable[str]) -> dict[str, list[str]]:
    """Las conversaciones activas de cada uno de esos usuarios."""
    por_usuario: dict[str, list[str]] = defaultdict(list)
    buscados = list(usuarios)
    for usuario, conversacion in _IDS(buscados) if buscados else ():
        por_usuario[usuario].append(conversacion)
    return por_usuario


_CON_SU_CONVERSACION = Preparada(
    lambda usuario: Participante.objects.filter(usuario=usuario, activo=True).values_list(
        "conversacion__activa",
        "conversacion__fecha_ultima_actividad",
        "conversacion__ultima_secuencia",
        *DE_PARTICIPANTE,
    ),
    1,
)


class CifrasDePersona(Struct, frozen=True):
    """Sus conversaciones, también las cerradas; cuántas siguen activas, y lo que no ha leído."""

    conversaciones: int
    activas: int
    sin_leer: int
    ultima_actividad: datetime | None


def cifras_de(usuario_id: str) -> CifrasDePersona:
    """Las de quien participa en ellas. Una consulta."""
    filas = _CON_SU_CONVERSACION(usuario_id)
    return CifrasDePersona(
        conversaciones=len(filas),
        activas=sum(activa for activa, *_ in filas),
        sin_leer=sum(
            presentacion.sin_leer(participante_de_fila(tuple(suya)), ultima)
            for _, _, ultima, *suya in filas
        ),
        ultima_actividad=max((actividad for _, actividad, *_ in filas), default=None),
    )
