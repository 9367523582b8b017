"""Las listas de una persona: sus conversaciones y sus notificaciones."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from mensajeria.consultas.alcance import leidas_antes, se_leen_antes, se_ordenan
from mensajeria.consultas.filas import (
    DE_CONVERSACION,
    DE_NOTIFICACION,
    FilaDeLaLista,
    FilaDeNotificacion,
)
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Conversacion, Notificacion


@dataclass(frozen=True, slots=True)
class Filtro:
    """Cuáles de sus conversaciones: de ese tipo, activas o no, o solo con algo sin leer; y las que
    archivó, o las demás.
    """

    tipo: str | None = None
    activa: bool | None = None
    no_leidos: bool = False
    archivadas: bool = False


def listar_conversaciones(
    usuario_id: str,
    filtro: Filtro,
    descendente: bool,
    desde: datetime | None,
    cuantas: int,
    *,
    entre_ancladas: bool = False,
) -> list[FilaDeLaLista]:
    """Las suyas: primero las que ancló y después las demás, cada grupo por actividad.

    Con `desde`, las que en ese orden van detrás de esa fecha, que es la de una anclada si se dice.
    """
    en_orden = (True, False) if descendente else (False, True)
    grupos = en_orden if desde is None else en_orden[en_orden.index(entre_ancladas) :]
    pocas = se_ordenan(usuario_id)
    filas: list[FilaDeLaLista] = []
    for ancladas in grupos:
        if len(filas) < cuantas:
            # Las que ancló o archivó son pocas, aunque las demás sean muchas.
            ordenadas = pocas or (se_leen_antes() and (ancladas or filtro.archivadas))
            leer = _Grupo(usuario_id, filtro, descendente, ancladas, ordenadas)
            filas += leer(desde if ancladas == grupos[0] else None, cuantas)
    return filas[:cuantas]


class _Grupo(NamedTuple):
    """Las ancladas de alguien, o las demás."""

    usuario_id: str
    filtro: Filtro
    descendente: bool
    ancladas: bool
    ordenadas: bool

    def __call__(self, desde: datetime | None, cuantas: int) -> list[FilaDeLaLista]:
        opcionales = {
            "tipo": self.filtro.tipo,
            "activa": self.filtro.activa,
            f"fecha_ultima_actividad__{'lt' if self.descendente else 'gt'}": desde,
        }
        puestos = {campo: valor for campo, valor in opcionales.items() if valor is not None}
        leer = _conversaciones(
            self.descendente,
            self.filtro.no_leidos,
            self.ordenadas,
            self.ancladas,
            self.filtro.archivadas,
            tuple(puestos),
        )
        filas = leer(self.usuario_id, *puestos.values(), limite=cuantas)
        return [FilaDeLaLista(*f, anclada=self.ancladas) for f in filas]


_LEIDAS_O_SUYAS = (
    F("participantes__leido_hasta")
    + F("participantes__enviados")
    - F("participantes__enviados_leidos")
    + F("participantes__retirados_sin_leer")
)


@functools.cache
def _conversaciones(
    descendente: bool,
    no_leidos: bool,
    ordenadas: bool,
    ancladas: bool,
    archivadas: bool,
    campos: tuple[str, ...],
) -> Preparada:
    def construir(usuario: Any, *valores: Any) -> QuerySet[Any, Any]:
        como = {"anclada": ancladas, "archivada": archivadas}
        filas = leidas_antes(usuario, **como) if ordenadas else Conversacion.objects.all()
        participa: dict[str, Any] = {
            "participantes__usuario": usuario,
            "participantes__activo": True,
            **{f"participantes__{campo}": valor for campo, valor in como.items()},
        }
        if no_leidos:
            filas = filas.filter(**participa, ultima_secuencia__gt=_LEIDAS_O_SUYAS)
        elif not ordenadas:
            filas = filas.filter(**participa)
        filas = filas.filter(**dict(zip(campos, valores, strict=True)))
        return filas.order_by(*_orden("fecha_ultima_actividad", descendente)).values_list(
            *DE_CONVERSACION
        )

    return Preparada(construir, 1 + len(campos))


def listar_notificaciones(
    usuario_id: str, descendente: bool, desde: datetime | None, cuantas: int
) -> list[FilaDeNotificacion]:
    """Las suyas, por fecha; con `desde`, las que en ese orden van detrás de ella."""
    valores = [usuario_id] if desde is None else [usuario_id, desde]
    leer = _notificaciones(descendente, desde is not None)
    return [FilaDeNotificacion(*f) for f in leer(*valores, limite=cuantas)]


@functools.cache
def _notificaciones(descendente: bool, con_desde: bool) -> Preparada:
    def construir(usuario: Any, *desde: Any) -> QuerySet[Any, Any]:
        filas = Notificacion.objects.filter(usuario=usuario)
        if desde:
            filas = filas.filter(**{f"fecha__{'lt' if descendente else 'gt'}": desde[0]})
        return filas.order_by(*_orden("fecha", descendente)).values_list(*DE_NOTIFICACION)

    return Preparada(construir, 2 if con_desde else 1)


def _orden(campo: str, descendente: bool) -> tuple[str, str]:
    return (f"-{campo}", "-pk") if descendente else (campo, "pk")
