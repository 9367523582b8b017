"""Quien deja de escribir se sabe, aunque nadie lo diga."""

from __future__ import annotations

import pytest

from mensajeria.central import escribiendo
from mensajeria.nodo import Nodo
from tests.central.gente import entrar

pytestmark = pytest.mark.django_db(transaction=True)


async def test_quien_deja_de_renovar_que_escribe_deja_de_escribir(
    nodo: Nodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Como si su proceso hubiera muerto, o el aviso del fin se hubiera perdido."""
    monkeypatch.setattr(escribiendo, "CADUCA", 0.2)
    ana = await entrar(nodo, "ana")

    def visto() -> list[bool]:
        return [d["escribiendo"] for e, d in ana.recibidos if e == "usuario_escribiendo"]

    for _ in range(3):
        nodo.reparto.repartir([escribiendo.aviso("conv", "beto", True)])
    await ana.hasta(lambda _: visto() == [True, False])
    nodo.reparto.repartir([escribiendo.aviso("conv", "beto", False)])
    assert visto() == [True, False]
