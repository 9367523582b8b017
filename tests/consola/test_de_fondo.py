"""Las órdenes que duran: lo último que emiten sale antes de que acaben."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from mensajeria.consola import de_fondo
from mensajeria.difusion import emisor as modulo
from mensajeria.difusion.sobre import Alcance, Sobre


async def test_acaba_cuando_salio_lo_emitido(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://falso"
    salidos: list[Sobre] = []

    async def tarda(sobres: Iterable[Sobre], _: str) -> None:
        await asyncio.sleep(0.05)
        salidos.extend(sobres)

    monkeypatch.setattr(modulo, "publicar", tarda)
    uno = Sobre(evento="e", datos=b"{}", alcance=Alcance.USUARIOS, usuarios=["ana"])
    async with de_fondo.emitiendo() as emisor:
        emisor.emitir([uno])
    assert salidos == [uno]
