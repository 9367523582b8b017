"""La unidad de trabajo: qué filas crea, cambia y borra un lote, dicho por los verbos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar

from django.db.models import Model

from mensajeria.filas import Fila, UsuarioLigero

# Una fila ligera o, de lo que no es caliente, una instancia de su modelo.
Guardable = Fila | Model
G = TypeVar("G", bound=Guardable)


@dataclass(slots=True)
class Cambiadas:
    """Las filas de una clase que cambian, y los campos que cambian en alguna.

    `de_cada`, los de cada una, si su clase es de las que se leen sin bloquear.
    """

    filas: dict[int, Fila] = field(default_factory=dict)
    campos: set[str] = field(default_factory=set)
    de_cada: dict[int, set[str]] = field(default_factory=dict)

    def por_campos(self) -> list[tuple[frozenset[str], list[Fila]]]:
        """Los campos que se escriben, y en qué filas, por orden de id.

        Juntas, si están bloqueadas: nadie más las cambió, y lo que sobra es lo que había. Si no, de
        cada una solo lo suyo, que lo demás puede haberlo cambiado otro mientras.
        """
        filas = sorted(self.filas.values(), key=attrgetter("id"))
        if not self.de_cada:
            return [(frozenset(self.campos), filas)] if filas else []
        juntas: defaultdict[frozenset[str], list[Fila]] = defaultdict(list)
        for fila in filas:
            juntas[frozenset(self.de_cada.get(id(fila), self.campos))].append(fila)
        return list(juntas.items())


class PorGuardar:
    """Por clase, lo que falta por escribir. Las filas se distinguen por identidad."""

    def __init__(self) -> None:
        self.nuevas: defaultdict[type, dict[int, Guardable]] = defaultdict(dict)
        self.cambiadas: defaultdict[type[Fila], Cambiadas] = defaultdict(Cambiadas)
        self.borradas: defaultdict[type[Fila], list[str]] = defaultdict(list)
        # Los mensajes que se quedan sin reacciones.
        self.sin_reacciones: list[str] = []
        # Los que se quedan sin el archivo que se subió para ellos.
        self.sin_archivo: list[str] = []
        # Los mensajes que se eliminan u ocultan, y los que vuelven: a quien no los había leído le
        # cuentan, o le dejan de contar, como retirados.
        self.retirados: set[str] = set()
        self.devueltos: set[str] = set()
        # Los usuarios cuya versión sube.
        self.tocados: set[str] = set()
        # Participantes que leyeron a medias: se cuentan los propios y los retirados que eso cubre.
        self.a_medias: set[str] = set()
        # Conversaciones en las que alguien avanzó o salió: el piso de los demás quizá sube.
        self.pisos: set[str] = set()

    def clases(self) -> set[type]:
        """Las que tienen algo que escribir."""
        return {*self.nuevas, *self.cambiadas, *self.borradas}

    def crear(self, fila: Guardable) -> None:
        """Se guarda como esté al final, le hicieran antes o después lo que le hicieran."""
        self.nuevas[type(fila)][id(fila)] = fila
        if isinstance(fila, Fila):
            self.cambiadas[type(fila)].filas.pop(id(fila), None)

    def cambiar(self, fila: Fila, campos: Iterable[str]) -> None:
        """Sus campos se acumulan."""
        if id(fila) not in self.nuevas[type(fila)]:
            suyas = self.cambiadas[type(fila)]
            suyas.filas[id(fila)] = fila
            if isinstance(fila, UsuarioLigero):
                suyas.de_cada.setdefault(id(fila), set()).update(campos)
            else:
                suyas.campos.update(campos)

    def borrar(self, fila: Fila) -> None:
        if self.nuevas[type(fila)].pop(id(fila), None) is None:
            self.cambiadas[type(fila)].filas.pop(id(fila), None)
            self.borradas[type(fila)].append(fila.id)
