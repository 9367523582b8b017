"""La capa de canales con cada motor de verdad: muchos grupos en un viaje, sin perder nada."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
import redis as cliente_redis
from asgiref.sync import async_to_sync
from django.utils.module_loading import import_string
from redis.crc import key_slot

from mensajeria.difusion.capa import CapaDeCanales
from servitech import bases
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


@pytest.fixture(scope="module")
def nats() -> Iterator[str]:
    with servicios.nats() as direccion:
        yield direccion


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with servicios.cluster() as direccion:
        yield direccion


Hacer = Callable[[], CapaDeCanales]
Motor = Callable[[int], AbstractContextManager[str]]
# Un Cluster tarda dos segundos en darse por entero, cada vez.
con_motores = pytest.mark.skipif("MOTORES" not in os.environ, reason="con make motores")


def por(direccion: str) -> Hacer:
    """Quien hace la capa de esa dirección, como la de los ajustes."""
    suya = bases.capa_de_canales("redis://", bases.de_capa(direccion))
    return partial(import_string(suya["BACKEND"]), hosts=suya["CONFIG"]["hosts"], prefix="p.q")


@pytest.fixture(params=["redis", "nats", "cluster"])
def hacer(request: pytest.FixtureRequest) -> Hacer:
    if request.param == "redis":
        return partial(CapaDeCanales, hosts=[request.getfixturevalue("url")], prefix="p.q")
    return por(request.getfixturevalue(request.param))


@pytest_asyncio.fixture
async def dos(hacer: Hacer) -> AsyncIterator[tuple[CapaDeCanales, CapaDeCanales]]:
    una, otra = hacer(), hacer()
    yield una, otra
    await una.flush()
    await otra.flush()


def _veces(r: cliente_redis.Redis, orden: str) -> int:
    datos: Any = r.info("commandstats")
    return int(datos.get(f"cmdstat_{orden}", {}).get("calls", 0))


async def _recibir(capa: CapaDeCanales, canal: str, cuantos: int) -> list[Any]:
    async with asyncio.timeout(5):
        return [(await capa.receive(canal))["n"] for _ in range(cuantos)]


async def test_lo_de_cien_grupos_llega_todo_y_en_orden(
    dos: tuple[CapaDeCanales, CapaDeCanales],
) -> None:
    una, otra = dos
    canal = await una.new_channel()
    await una.escuchar(GRUPOS, canal)
    await otra.enviar({g: {"n": n} for n, g in enumerate(GRUPOS)})
    assert await _recibir(una, canal, 100) == list(range(100))


@pytest.mark.parametrize("hacer", ["redis"], indirect=True)
async def test_cien_grupos_son_un_alta(
    dos: tuple[CapaDeCanales, CapaDeCanales], r: cliente_redis.Redis
) -> None:
    una, _ = dos
    canal = await una.new_channel()
    antes = _veces(r, "subscribe")
    await una.escuchar(GRUPOS, canal)
    assert _veces(r, "subscribe") == antes + 1


async def test_un_grupo_con_puntos_de_mas(dos: tuple[CapaDeCanales, CapaDeCanales]) -> None:
    una, otra = dos
    canal = await una.new_channel()
    raros = ["usuario..", "usuario.a..b.", "usuario.a.b"]
    await una.escuchar(raros, canal)
    await otra.enviar({g: {"n": n} for n, g in enumerate(raros)})
    assert await _recibir(una, canal, 3) == [0, 1, 2]


async def test_de_un_solo_grupo(dos: tuple[CapaDeCanales, CapaDeCanales]) -> None:
    """Como los túneles."""
    una, otra = dos
    canal = await una.new_channel()
    await una.group_add("g", canal)
    await otra.group_send("g", {"n": 1})
    assert await _recibir(una, canal, 1) == [1]


def test_desde_un_hilo_sin_bucle(hacer: Hacer) -> None:
    """Como las órdenes de consola: el bucle acaba con el envío, y otro puede empezar."""
    capa = hacer()
    for _ in range(2):
        async_to_sync(capa.enviar)({"g": {"n": 1}})


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


@pytest.mark.parametrize("hacer", ["redis"], indirect=True)
async def test_tras_un_corte_se_sigue_escuchando(
    dos: tuple[CapaDeCanales, CapaDeCanales], r: cliente_redis.Redis
) -> None:
    una, otra = dos
    canal = await una.new_channel()
    await una.escuchar(GRUPOS, canal)
    cortadas = r.client_kill_filter(_type="pubsub")
    assert cortadas == 1
    async with asyncio.timeout(5):
        while dict(r.pubsub_numsub("p.q__group__g7"))[b"p.q__group__g7"] != 1:
            await asyncio.sleep(0.01)
    await otra.enviar({"g7": {"n": 7}})
    assert await _recibir(una, canal, 1) == [7]


@pytest.mark.parametrize(
    "motor", [servicios.nats, pytest.param(servicios.cluster, marks=con_motores)]
)
async def test_muerto_y_vuelto_se_sigue_escuchando(motor: Motor) -> None:
    puerto = servicios.puerto_libre()
    with motor(puerto) as direccion:
        pass
    una, otra = por(direccion)(), por(direccion)()
    with pytest.raises(Exception):  # noqa: B017 - cada motor, la suya
        await una.new_channel()
    with motor(puerto):
        canal = await una.new_channel()
        await una.escuchar(GRUPOS, canal)
        await otra.enviar({"g7": {"n": 7}})
        assert await _recibir(una, canal, 1) == [7]
        assert una.responde
    with pytest.raises(Exception):  # noqa: B017
        await otra.enviar({"g7": {"n": 8}})
    async with asyncio.timeout(5):
        while una.responde:
            await asyncio.sleep(0.01)
    recibido = asyncio.create_task(_recibir(una, canal, 1))
    with motor(puerto):
        while not recibido.done():
            with contextlib.suppress(Exception):
                await otra.enviar({"g7": {"n": 9}})
            await asyncio.sleep(0.05)
        assert await recibido == [9]
        async with asyncio.timeout(5):
            while not una.responde:
                await asyncio.sleep(0.01)
        await una.flush()
        await otra.flush()


@con_motores
async def test_lo_que_cambia_de_nodo_del_cluster_se_sigue_escuchando() -> None:
    with servicios.cluster(huecos="0 8191") as uno, servicios.cluster(huecos="8192 16383") as otro:
        nodos = [
            cliente_redis.Redis.from_url(u.replace("+cluster", ""), decode_responses=True)
            for u in (uno, otro)
        ]
        ids = [str(r.execute_command("CLUSTER MYID")) for r in nodos]
        bus = nodos[1].config_get("cluster-port")["cluster-port"]
        nodos[0].execute_command("CLUSTER MEET", "127.0.0.1", urlsplit(otro).port, bus)
        await asyncio.to_thread(servicios.esperar_al_cluster, *nodos)
        una, otra = por(uno)(), por(otro)()
        canal = await una.new_channel()
        await una.escuchar(GRUPOS, canal)
        await otra.enviar({g: {"n": n} for n, g in enumerate(GRUPOS)})
        assert sorted(await _recibir(una, canal, 100)) == list(range(100))
        hueco = key_slot(b"p.q__group__g7")
        de, a = (0, 1) if hueco <= 8191 else (1, 0)
        for r in (nodos[a], nodos[de]):
            r.execute_command("CLUSTER SETSLOT", hueco, "NODE", ids[a])
        recibido = asyncio.create_task(_recibir(una, canal, 1))
        while not recibido.done():
            await otra.enviar({"g7": {"n": 7}})
            await asyncio.sleep(0.05)
        assert await recibido == [7]
        await una.flush()
        await otra.flush()
        for r in nodos:
            r.close()


async def test_quien_deja_de_esperar_a_nats_parado_no_se_queda_sordo() -> None:
    """Lo que NATS contesta después de que nadie espere no estorba a lo demás."""
    with servicios.nats() as url:
        capa = por(url)()
        canal = await capa.new_channel()
        await capa.escuchar(["g"], canal)
        envio = asyncio.create_task(capa.enviar({"g": {"n": 1}}))
        await asyncio.sleep(0)
        envio.cancel()
        await asyncio.gather(envio, return_exceptions=True)
        await capa.enviar({"g": {"n": 2}})
        async with asyncio.timeout(5):
            while (await capa.receive(canal))["n"] != 2:
                pass
        await capa.flush()


async def test_lo_que_no_cabe_en_nats_no_estorba_a_lo_demas(nats: str) -> None:
    capa = por(nats)()
    canal = await capa.new_channel()
    await capa.escuchar(["g"], canal)
    await capa.enviar({"mucho": {"n": "x" * 2**21}, "g": {"n": 1}})
    assert await _recibir(capa, canal, 1) == [1]
    await capa.flush()
