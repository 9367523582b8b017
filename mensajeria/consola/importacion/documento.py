"""Un documento de la fuente que sabe qué se ha mirado de él: lo demás es lo que no se toma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mensajeria.consola.importacion.llano import limpio


class DocumentoLeido(dict[str, Any]):
    """Lo que da `bson` en lugar de un `dict`, también dentro. Mirar con `get` es tomar."""

    __slots__ = ("mirados",)

    def __init__(self, *partes: Any) -> None:
        super().__init__(*partes)
        self.mirados: set[str] = set()

    def get(self, campo: str, otro: Any = None) -> Any:
        self.mirados.add(campo)
        return super().get(campo, otro)

    def items(self) -> Any:
        self.mirados.update(self)
        return super().items()


def sin_tomar(doc: DocumentoLeido, antes: str = "") -> Iterator[str]:
    """Cada valor que nadie miró, por su camino con puntos; lo vacío (null, `{}`, `[]`) no cuenta.

    De una lista cada elemento cuenta, y en el camino no va su número; ni de un nombre, lo que no se
    puede escribir.
    """
    for campo, valor in dict.items(doc):
        camino = antes + limpio(campo)
        if campo not in doc.mirados:
            yield from _hojas(camino, valor)
            continue
        for parte in valor if isinstance(valor, list) else (valor,):
            if isinstance(parte, DocumentoLeido):
                yield from sin_tomar(parte, camino + ".")


def _hojas(camino: str, valor: Any) -> Iterator[str]:
    if isinstance(valor, dict):
        for campo, suyo in dict.items(valor):
            yield from _hojas(f"{camino}.{limpio(campo)}", suyo)
    elif isinstance(valor, list):
        for parte in valor:
            yield from _hojas(camino, parte)
    elif valor is not None:
        yield camino
