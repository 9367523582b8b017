"""Los grupos que se escuchan acaban siendo los deseados, y una capa caída no retiene a nadie."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria.central import suscripciones as modulo
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.difusion import grupos


class CapaFalsa:
    def __init__(self) -> None:
        self.escuchados: set[str] = set()
        self.cuelga = False
        self.llamadas = 0

    async def new_channel(self) -> str:
        return "canal"

    async def group_add(self, grupo: str, _: str) -> None:
        self.llamadas += 1
        await asyncio.sleep(60 if self.cuelga else 0)
        self.escuchados.add(grupo)

    async def group_discard(self, grupo: str, _: str) -> None:
        await asyncio.sleep(0)
        self.escuchados.discard(grupo)


@pytest.fixture
def capa(settings: Any, monkeypatch: pytest.MonkeyPatch) -> CapaFalsa:
    falsa = CapaFalsa()
    settings.REDIS_URL = "redis://falso"
    monkeypatch.setattr(modulo, "get_channel_layer", lambda: falsa)
    monkeypatch.setattr(modulo, "_PACIENCIA", 0.05)
    monkeypatch.setattr(modulo, "_DESCANSO", 0.1)
    return falsa


async def test_un_alta_y_una_baja_seguidas_no_se_adelantan(capa: CapaFalsa) -> None:
    suyas = Suscripciones()
    await suyas.escuchar(["c", "d"], "ana")
    suyas.dejar_conversacion("c")
    suyas.escuchar_luego("c")
    suyas.dejar_conversacion("d")
    suyas.dejar_usuario("ana")
    await suyas.igualar()
    assert capa.escuchados == {grupos.TODOS, grupos.de_conversacion("c")}


async def test_con_la_capa_colgada_solo_espera_el_primero(capa: CapaFalsa) -> None:
    capa.cuelga = True
    suyas = Suscripciones()
    await asyncio.gather(*(suyas.escuchar([f"c{n}"]) for n in range(20)))
    assert capa.llamadas <= 21
    capa.cuelga = False
    await asyncio.sleep(0.15)
    await suyas.igualar()
    assert len(capa.escuchados) == 21
