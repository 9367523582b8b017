"""Quién está en qué conversaciones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mensajeria.models import Participante


@dataclass(slots=True)
class Participacion:
    """Una conversación activa de un usuario: si puede enviar en ella, y sus dos cuentas."""

    conversacion_id: str
    puede_enviar: bool
    ultimo_cambio: int
    ultima_secuencia: int


def participaciones_de(usuarios: Iterable[str]) -> dict[str, list[Participacion]]:
    """Las conversaciones activas de cada uno, con las dos cuentas de cada una. Una consulta."""
    filas = Participante.objects.filter(
        usuario__in=list(usuarios), activo=True, conversacion__activa=True
    ).values_list(
        "usuario_id",
        "conversacion_id",
        "puede_enviar",
        "conversacion__ultimo_cambio",
        "conversacion__ultima_secuencia",
    )
    por_usuario: dict[str, list[Participacion]] = defaultdict(list)
    for usuario, conversacion, puede_enviar, cambio, secuencia in filas:
        suya = Participacion(conversacion, puede_enviar, cambio, secuencia)
        por_usuario[usuario].append(suya)
    return por_usuario


def conversaciones_por_usuario(usuarios: Iterable[str]) -> dict[str, list[str]]:
    """Las conversaciones activas de cada uno de esos usuarios."""
    hallados = list(usuarios)
    por_usuario: dict[str, list[str]] = defaultdict(list)
    if hallados:
        filas = Participante.objects.filter(
            usuario__in=hallados, activo=True, conversacion__activa=True
        )
        for usuario, conversacion in filas.values_list("usuario_id", "conversacion_id"):
            por_usuario[usuario].append(conversacion)
    return por_usuario
