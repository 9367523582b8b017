"""Sin índice de palabras: la referencia de los otros, y con lo que busca MongoDB (`mongo`).

Recorre lo propio de lo más nuevo a lo más viejo, por el índice de fechas de su base.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.busqueda.donde import CursorMalo, Donde, Encontrado, Encontrados, Filtros
from mensajeria.models import Mensaje, leer_fecha


def posicion(fecha: datetime, id_: str) -> str:
    """Por fecha y, a igual fecha, por identificador."""
    return f"{fecha.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}~{id_}"


def leer_posicion(texto: str) -> tuple[datetime, str]:
    fecha, _, id_ = texto.partition("~")
    if max(len(fecha), len(id_)) > 40 or "\0" in id_:
        raise CursorMalo(texto)
    try:
        cuando = leer_fecha(fecha)
    except (ValidationError, ValueError, OverflowError):
        cuando = None
    if cuando is None:
        raise CursorMalo(texto)
    return cuando.replace(tzinfo=UTC), id_


class Llano:
    def hallar(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        tras: str | None,
        cuantos: int,
    ) -> Encontrados:
        cuales = ~Q(buscable="")
        if donde.conversaciones is not None:
            cuales &= Q(conversacion__in=list(donde.conversaciones))
        for termino in terminos:
            alguno = Q()
            for texto in termino.textos():
                alguno |= Q(buscable__contains=texto)
            cuales &= alguno
        cuales &= _de_filtros(filtros)
        if tras is not None:
            fecha, id_ = leer_posicion(tras)
            cuales &= Q(fecha_envio__lt=fecha) | Q(fecha_envio=fecha, pk__lt=id_)
        filas = Mensaje.objects.filter(cuales, buscable__isnull=False)
        halladas = filas.order_by("-fecha_envio", "-pk").values_list("pk", "fecha_envio")
        encontrados = [Encontrado(pk, posicion(f, pk)) for pk, f in halladas[: cuantos + 1]]
        sigue = encontrados[cuantos - 1].posicion if len(encontrados) > cuantos else None
        return Encontrados(encontrados[:cuantos], sigue)

    def incluida(self, posicion: str) -> str:
        return posicion + "~"


def _de_filtros(filtros: Filtros) -> Q:
    cuales = Q()
    for campo, valor in (
        ("remitente", filtros.de),
        ("tipo", filtros.tipo),
        ("fecha_envio__gte", filtros.desde),
        ("fecha_envio__lt", filtros.hasta),
        ("archivo__isnull", False if filtros.con_archivo else None),
    ):
        if valor is not None:
            cuales &= Q(**{campo: valor})
    return cuales
