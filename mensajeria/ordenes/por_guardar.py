"""La unidad de trabajo: qué filas crea, cambia y borra un lote, dicho por los verbos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model


class PorGuardar:
    """Por modelo, lo que falta por escribir; de lo cambiado, qué filas cambian cada campo."""

    def __init__(self) -> None:
        self.nuevas: defaultdict[type[Model], list[Model]] = defaultdict(list)
        self.cambiadas: defaultdict[type[Model], defaultdict[str, dict[str, Model]]] = defaultdict(
            lambda: defaultdict(dict)
        )
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
            por_campo = self.cambiadas[type(fila)]
            for campo in campos:
                por_campo[campo][fila.pk] = fila

    def borrar(self, fila: Model) -> None:
        modelo = type(fila)
        if fila._state.adding:
            self.nuevas[modelo].remove(fila)
        else:
            for filas in self.cambiadas[modelo].values():
                filas.pop(fila.pk, None)
            self.borradas[modelo].append(fila.pk)

    def vaciar(self, modelo: type[Model], clave: str, de: Model) -> None:
        """Borra todas las de `modelo` que apunten con `clave` a esa fila, estén a mano o no."""
        self.vaciadas[modelo, clave].append(de.pk)
