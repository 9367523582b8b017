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


def test_quien_llega_son_dos_sobres_este_en_las_que_este(base: None) -> None:
    """Uno a sus vecinas y otro a las conversaciones, sin recorrerlas todas por cada una."""
    suyas = Contada(f"c{i}" for i in range(20))
    claves = [Clave("ana"), *(Clave("ana", id_) for id_ in list(suyas))]
    suyas.veces = 0
    sobres = presencia.llegar(claves, {"ana": suyas})
    assert suyas.veces <= 2
    vecinos, unidos = sobres
    assert (vecinos.evento, vecinos.alcance) == ("estado_usuario_cambiado", Alcance.VECINOS)
    assert (unidos.evento, unidos.alcance) == ("usuario_conectado", Alcance.UNIDOS)
    assert vecinos.conversaciones == unidos.conversaciones == list(suyas)
