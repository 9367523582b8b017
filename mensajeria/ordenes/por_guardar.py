"""La unidad de trabajo: qué filas crea, cambia y borra un lote, dicho por los verbos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model


class PorGuardar:
    """Por modelo, lo que falta por escribir. De una fila cambiada se dice qué campos."""

    def __init__(self) -> None:
        self.nuevas: defaultdict[type[Model], list[Model]] = defaultdict(list)
        self.cambiadas: defaultdict[type[Model], dict[str, Model]] = defaultdict(dict)
        self.campos: defaultdict[type[Model], set[str]] = defaultdict(set)
        self.borradas: defaultdict[type[Model], list[str]] = defaultdict(list)
        # Por modelo y clave ajena, las filas de las que no queda ninguna suya.
        self.vaciadas: defaultdict[tuple[type[Model], str], list[str]] = defaultdict(list)
        # Los usuarios cuya versión sube.
        self.tocados: set[str] = set()

    def crear(self, fila: Model) -> None:
        self.nuevas[type(fila)].append(fila)

    def cambiar(self, fila: Model, campos: Iterable[str]) -> None:
        """Sus campos se acumulan; una fila recién creada se guarda como esté al final."""
        if not fila._state.adding:
            self.cambiadas[type(fila)][fila.pk] = fila
            self.campos[type(fila)].update(campos)

    def borrar(self, fila: Model) -> None:
        modelo = type(fila)
        if fila._state.adding:
            self.nuevas[modelo].remove(fila)
        else:
            self.cambiadas[modelo].pop(fila.pk, None)
            self.borradas[modelo].append(fila.pk)

    def vaciar(self, modelo: type[Model], clave: str, de: Model) -> None:
        """Borra todas las de `modelo` que apunten con `clave` a esa fila, estén a mano o no."""
        self.vaciadas[modelo, clave].append(de.pk)
