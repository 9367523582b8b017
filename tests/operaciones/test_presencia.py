"""Lo que se anuncia de quien llega."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mensajeria.difusion.sobre import Alcance
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.operaciones import presencia

pytestmark = pytest.mark.bd


class Contada(list[str]):
    veces = 0

    def __iter__(self) -> Iterator[str]:
        self.veces += 1
        return super().__iter__()


def test_a_las_vecinas_se_les_dice_una_vez_y_a_cada_conversacion_otra(base: None) -> None:
    """Sin recorrerlas todas por cada una."""
    suyas = Contada(f"c{i}" for i in range(20))
    claves = [Clave("ana"), *(Clave("ana", id_) for id_ in list(suyas))]
    suyas.veces = 0
    sobres = presencia.llegar(claves, {"ana": suyas})
    assert suyas.veces <= 2
    [vecinos] = [s for s in sobres if s.alcance is Alcance.VECINOS]
    assert vecinos.evento == "estado_usuario_cambiado" and vecinos.conversaciones == list(suyas)
    unidos = [s.conversacion for s in sobres if s.alcance is Alcance.UNIDOS]
    assert unidos == list(suyas)
