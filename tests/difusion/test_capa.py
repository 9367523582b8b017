"""La capa de canales con un Redis de verdad: muchos grupos en un viaje, sin perder nada."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import redis as cliente_redis

from mensajeria.difusion.capa import CapaDeCanales
from tests import servicios

GRUPOS = [f"g{n}" for n in range(100)]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with servicios.redis() as direccion:
        yield direccion


@pytest.fixture
def r(url: str) -> Iterator[cliente_redis.Redis]:
    with cliente_redis.Redis.from_url(url) as cliente:
        cliente.config_resetstat()
        yield cliente


@pytest_asyncio.fixture
async def dos(url: str) -> AsyncIterator[tuple[CapaDeCanales, CapaDeCanales]]:
    una, otra = CapaDeCanales(hosts=[url], prefix="p"), CapaDeCanales(hosts=[url], prefix="p")
    yield una, otra
    await una.flush()
    await otra.flush()


def _veces(r: cliente_redis.Redis, orden: str) -> int:
    datos: Any = r.info("commandstats")
    return int(datos.get(f"cmdstat_{orden}", {}).get("calls", 0))


async def _recibir(capa: CapaDeCanales, canal: str, cuantos: int) -> list[Any]:
    async with asyncio.timeout(5):
        return [(await capa.receive(canal))["n"] for _ in range(cuantos)]


async def test_cien_grupos_son_un_alta_y_llega_todo_en_orden(
    dos: tuple[CapaDeCanales, CapaDeCanales], r: cliente_redis.Redis
) -> None:
    una, otra = dos
    canal = await una.new_channel()
    antes = _veces(r, "subscribe")
    await una.escuchar(GRUPOS, canal)
    assert _veces(r, "subscribe") == antes + 1
    await otra.enviar({g: {"n": n} for n, g in enumerate(GRUPOS)})
    assert await _recibir(una, canal, 100) == list(range(100))


async def test_lo_que_se_deja_ya_no_llega(dos: tuple[CapaDeCanales, CapaDeCanales]) -> None:
    una, otra = dos
    canal = await una.new_channel()
    await una.escuchar(GRUPOS, canal)
    await una.dejar(GRUPOS[:99])
    await otra.enviar({g: {"n": n} for n, g in enumerate(GRUPOS)})
    assert await _recibir(una, canal, 1) == [99]
    await una.escuchar(GRUPOS[:1], canal)
    await otra.enviar({GRUPOS[0]: {"n": 0}})
    assert await _recibir(una, canal, 1) == [0]


async def test_tras_un_corte_se_sigue_escuchando(
    dos: tuple[CapaDeCanales, CapaDeCanales], r: cliente_redis.Redis
) -> None:
    una, otra = dos
    canal = await una.new_channel()
    await una.escuchar(GRUPOS, canal)
    cortadas = r.client_kill_filter(_type="pubsub")
    assert cortadas == 1
    async with asyncio.timeout(5):
        while dict(r.pubsub_numsub("p__group__g7"))[b"p__group__g7"] != 1:
            await asyncio.sleep(0.01)
    await otra.enviar({"g7": {"n": 7}})
    assert await _recibir(una, canal, 1) == [7]
