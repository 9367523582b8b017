"""Dónde busca una persona y con qué filtros, y qué contesta un buscador: uno por base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import NamedTuple, Protocol

from mensajeria.consultas.alcance import conversacion_de
from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.preparada import Preparada
from mensajeria.models import Participante

# Hasta estas, cada conversación es un término más del índice: lo ajeno ni se mira.
POCAS = 32
# Si en todas las suyas hay como mucho estos, se leen todos en vez del índice: lo que tarda no dice
# nada de lo ajeno.
POCOS_MENSAJES = 5_000

_SUYAS = Preparada(
    lambda usuario: (
        Participante.objects.filter(usuario=usuario, activo=True)
        .order_by()
        .values_list("conversacion_id", "conversacion__ultima_secuencia")
    ),
    1,
)


@dataclass(frozen=True, slots=True)
class Filtros:
    """`desde`, incluida; `hasta`, sin incluir."""

    conversacion: str | None = None
    de: str | None = None
    tipo: str | None = None
    desde: datetime | None = None
    hasta: datetime | None = None
    con_archivo: bool = False


@dataclass(frozen=True, slots=True)
class Donde:
    """Las conversaciones en que se busca, y cuántos mensajes hay en ellas, eliminados incluidos.

    Sin conversaciones (`None`), en todas.
    """

    conversaciones: Sequence[str] | None
    mensajes: float

    @property
    def pocas(self) -> bool:
        return self.conversaciones is not None and len(self.conversaciones) <= POCAS

    @property
    def hay_que_mirarlas(self) -> bool:
        """Si son tantas que el índice no las sabe: de cada hallado se mira si es de ellas."""
        return self.conversaciones is not None and not self.pocas

    @property
    def pocos(self) -> bool:
        """Si hay tan poco que se lee entero: el índice, que es de todos, ni se toca."""
        return self.mensajes <= POCOS_MENSAJES


EN_TODAS = Donde(None, inf)


def donde_busca(usuario_id: str, conversacion: str | None) -> Donde:
    """En las suyas, o en una de ellas; NOT_FOUND si no lo es."""
    if conversacion is not None:
        fila = conversacion_de(usuario_id, conversacion)
        return Donde([fila.pk], fila.ultima_secuencia)
    suyas = _SUYAS(usuario_id)
    return Donde([pk for pk, _ in suyas], sum(n for _, n in suyas))


class CursorMalo(Exception):
    """No es una posición de las que se dieron."""


class Encontrado(NamedTuple):
    """Un mensaje hallado. Por `posicion`, que se compara como texto, el más nuevo es el mayor."""

    id: str
    posicion: str


class Encontrados(NamedTuple):
    """Lo hallado, lo más nuevo primero, y tras qué posición seguir; nada, si no hay más.

    Puede traer menos de lo pedido y seguir: hasta ahí se miró de una vez.
    """

    encontrados: list[Encontrado]
    sigue: str | None


class Buscador(Protocol):
    def hallar(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        tras: str | None,
        cuantos: int,
    ) -> Encontrados:
        """`cuantos` como mucho, tras esa posición. CursorMalo si no es una posición."""

    def incluida(self, posicion: str) -> str:
        """Una tras la que va ella misma."""


# Alternativas: cada una, un término del índice, y si basta con empezar así.
Clausula = list[tuple[str, bool]]


def clausulas_de(terminos: Sequence[Termino]) -> list[Clausula]:
    """Lo que el índice sabe de esos términos: de una frase, que están sus palabras."""
    clausulas: list[Clausula] = []
    for t in terminos:
        clausulas += [[(palabra, False)] for palabra in dict.fromkeys(t.frase)]
        sola: Clausula = [(t.raiz, False)] if t.raiz else []
        if t.prefijo:
            sola.append((t.prefijo, True))
        if sola:
            clausulas.append(sola)
    return clausulas


def frases_de(terminos: Sequence[Termino]) -> list[str]:
    """Lo que el índice no sabe: que sus palabras van seguidas, o tal cual."""
    return [texto for t in terminos if t.frase for texto in t.textos()]
