"""Los túneles entre procesos: lo que se pierde los rompe, y nunca pasa de menos en silencio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from mensajeria.puertas.engineio import tunel as modulo
from mensajeria.puertas.engineio.tunel import MAX_PENDIENTE, Tunel, Tuneles, TunelRoto


class Capa:
    """Une dos juegos de túneles y deja caer el mensaje que se le diga."""

    def __init__(self) -> None:
        self.destinos: dict[str, Tuneles] = {}
        self.perder: set[int] = set()
        self.enviados = 0

    async def group_send(self, grupo: str, mensaje: dict[str, Any]) -> None:
        self.enviados += 1
        if self.enviados not in self.perder:
            # `de` es quien responde: aquí, el otro.
            otro = "b" if grupo == "proceso.a" else "a"
            self.destinos[grupo.removeprefix("proceso.")]._recibir({**mensaje, "de": otro})


@pytest_asyncio.fixture
async def capa(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Capa]:
    una = Capa()
    monkeypatch.setattr(modulo, "get_channel_layer", lambda: una)

    async def eco(tunel: Tunel, dato: Any) -> None:
        await tunel.enviar({"saludo": dato["hola"]})
        while True:
            await tunel.enviar(await tunel.recibir())

    for nombre in ("a", "b"):
        una.destinos[nombre] = Tuneles(eco)
    yield una


async def test_van_y_vuelven_en_orden(capa: Capa) -> None:
    tunel = await capa.destinos["a"].abrir("b", {"hola": "b"})
    assert await tunel.recibir(1) == {"saludo": "b"}
    for i in range(20):
        await tunel.enviar({"text": f"{i}"})
    assert [(await tunel.recibir(1))["text"] for _ in range(20)] == [f"{i}" for i in range(20)]


@pytest.mark.parametrize("perdido", [1, 2, 4, 5, 6])
async def test_perder_cualquiera_lo_rompe(capa: Capa, perdido: int) -> None:
    capa.perder = {perdido}
    recibidos = []
    with pytest.raises(TunelRoto):
        tunel = await capa.destinos["a"].abrir("b", {"hola": "b"})
        recibidos.append(await tunel.recibir(0.2))
        for i in range(10):
            await tunel.enviar({"text": f"{i}"})
            await asyncio.sleep(0)
        for _ in range(10):
            recibidos.append(await tunel.recibir(0.2))
    assert [d["text"] for d in recibidos[1:]] == [f"{i}" for i in range(len(recibidos[1:]))]


async def test_sin_senales_hay_un_plazo(capa: Capa) -> None:
    capa.perder = {1}
    tunel = await capa.destinos["a"].abrir("b", {"hola": "b"})
    with pytest.raises(TunelRoto):
        await tunel.recibir(0.05)
    with pytest.raises(TunelRoto):
        await tunel.enviar({"text": "tarde"})
    assert capa.destinos["a"]._vivos == {}


async def test_lo_que_nadie_lee_esta_acotado(capa: Capa) -> None:
    tunel = Tunel(capa.destinos["a"], "t", "b")
    tunel.llega(0, {"text": "x" * MAX_PENDIENTE})
    tunel.llega(1, {"text": "x"})
    with pytest.raises(TunelRoto):
        await tunel.enviar({})
