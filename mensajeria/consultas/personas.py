"""Buscar a una persona por el principio de las palabras de su nombre, y verla."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import CharField, Lookup, Max, QuerySet

from mensajeria.consultas.filas import DE_PERSONA_VISTA, FilaDePersonaVista
from mensajeria.consultas.preparada import Preparada
from mensajeria.consultas.visibilidad import Visibilidad, exigir_visible, visibilidad_para
from mensajeria.models import PalabraDeUsuario, Participante, Usuario, palabras_de, sin_arroba
from mensajeria.protocolo.errores import no_existe

MAX_PERSONAS = 20
# De lo que se busca, las que se miran en la base; las demás, en lo que da: cada una es otra unión.
MAX_BUSCADAS = 2
# Las que se leen de quienes no se conoce: cada persona tiene varias palabras, y una se repite.
_DE_DESCONOCIDOS = 200
_EL_MAYOR = "\U0010ffff"
_LAS_SUYAS = "usuario__palabras__palabra"


@CharField.register_lookup
class Empieza(Lookup):
    """`palabra__empieza`: por sus bytes y por su índice, en las tres bases. `startswith` lo sería
    solo en PostgreSQL.
    """

    lookup_name = "empieza"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._entre(compiler, connection, "~>=~ %s::text", "~<~ (%s::text || chr(1114111))")

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self._entre(compiler, connection, ">= %s", "< (%s || char(1114111))")

    def _entre(
        self, compiler: Any, connection: Any, desde: str, hasta: str
    ) -> tuple[str, tuple[Any, ...]]:
        columna, de_columna = self.process_lhs(compiler, connection)
        _, valores = self.process_rhs(compiler, connection)
        sql = f"({columna} {desde} AND {columna} {hasta})"
        return sql, (*de_columna, *valores, *de_columna, *valores)


def _con_cada_palabra(
    filas: QuerySet[Any, Any], hacia: str, palabras: Sequence[Any]
) -> QuerySet[Any, Any]:
    """Las de quien tiene una que empieza por cada una de esas; `hacia`, el camino a las suyas."""
    for palabra in palabras:
        if connection.vendor == "mongodb":
            filas = filas.filter(
                **{f"{hacia}__gte": palabra, f"{hacia}__lt": f"{palabra}{_EL_MAYOR}"}
            )
        else:
            filas = filas.filter(**{f"{hacia}__empieza": palabra})
    return filas


@functools.cache
def _conocidos(cuantas: int) -> Preparada:
    """Con quienes se comparte una conversación, la de actividad más reciente primero."""

    def construir(lector: Any, *palabras: Any) -> QuerySet[Any, Any]:
        filas = Participante.objects.filter(
            conversacion__participantes__usuario=lector,
            conversacion__participantes__activo=True,
            activo=True,
            usuario__is_active=True,
        ).exclude(usuario=lector)
        cuales: QuerySet[Any, Any] = _con_cada_palabra(filas, _LAS_SUYAS, palabras)
        ultimas: QuerySet[Any, Any] = cuales.values("usuario_id").annotate(
            ultima=Max("conversacion__fecha_ultima_actividad")
        )
        return ultimas.order_by("-ultima", "usuario_id").values_list("usuario_id", "ultima")

    return Preparada(construir, 1 + cuantas)


@functools.cache
def _desconocidos(cuantas: int, solo_expertos: bool) -> Preparada:
    """Quienes se ven sin compartir nada. Sin orden: el del índice, que es el de su palabra."""

    def construir(primera: Any, *otras: Any) -> QuerySet[Any, Any]:
        filas = PalabraDeUsuario.objects.filter(usuario__is_active=True)
        if solo_expertos:
            filas = filas.filter(de_experto=True)
        filas = _con_cada_palabra(filas, "palabra", [primera])
        return _con_cada_palabra(filas, _LAS_SUYAS, otras).values_list("usuario_id")

    return Preparada(construir, cuantas)


_VISTAS = Preparada(
    lambda ids: Usuario.objects.filter(pk__de_la_lista=ids).values_list(*DE_PERSONA_VISTA), 1
)


def buscar_personas(lector: Usuario, texto: str) -> list[FilaDePersonaVista]:
    """Las que ve con una palabra que empieza por cada una de las dichas, 20 como mucho; con quienes
    comparte una conversación, primero. Sin texto, las primeras que ve.
    """
    # La más larga, la primera: es la que menos deja.
    todas = sorted(palabras_de(texto), key=len, reverse=True)
    palabras = todas[:MAX_BUSCADAS]
    if texto.strip() and not palabras:
        return []
    suyos = _conocidos(len(palabras))(lector.pk, *palabras, limite=MAX_PERSONAS)
    conocidos = [pk for pk, _ in suyos]
    demas: set[str] = set()
    politica = visibilidad_para(lector)
    if len(conocidos) < MAX_PERSONAS:
        demas = _de_fuera(politica, palabras) - {lector.pk, *conocidos}
    filas = {f.id: f for f in _vistas([*conocidos, *demas]) if _tiene(f, todas)}
    if politica is Visibilidad.EXPERTOS:
        # Sus palabras pueden haberse apuntado cuando aún lo era.
        demas = {pk for pk in demas & filas.keys() if filas[pk].es_experto}
    por_nombre = sorted(demas & filas.keys(), key=lambda pk: _orden(filas[pk]))
    hallados = [pk for pk in conocidos if pk in filas] + por_nombre
    return [filas[pk] for pk in hallados[:MAX_PERSONAS]]


def _de_fuera(politica: Visibilidad, palabras: Sequence[str]) -> set[str]:
    if politica is Visibilidad.COMPARTIDA:
        return set()
    leer = _desconocidos(len(palabras) or 1, politica is Visibilidad.EXPERTOS)
    return {pk for (pk,) in leer(*(palabras or [""]), limite=_DE_DESCONOCIDOS)}


def _palabras(fila: FilaDePersonaVista) -> list[str]:
    return palabras_de(f"{fila.nombre} {fila.apellido} {sin_arroba(fila.username)}")


def _tiene(fila: FilaDePersonaVista, principios: Sequence[str]) -> bool:
    suyas = _palabras(fila)
    return all(any(suya.startswith(p) for suya in suyas) for p in principios)


def _orden(fila: FilaDePersonaVista) -> tuple[list[str], str]:
    return _palabras(fila), fila.id


def _vistas(ids: Collection[str]) -> list[FilaDePersonaVista]:
    return [FilaDePersonaVista(*f) for f in _VISTAS(list(ids))]


def persona_vista(lector: Usuario, usuario_id: str) -> FilaDePersonaVista:
    """La de alguien a quien ve; si no lo ve, el NOT_FOUND de quien no existe."""
    exigir_visible(lector, usuario_id, "id")
    for fila in _vistas([usuario_id]):
        return fila
    raise no_existe("id")
