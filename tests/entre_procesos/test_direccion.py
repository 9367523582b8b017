"""Un Redis, o el maestro que digan unos Sentinel de verdad, que cambia cuando el primero muere."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as cliente_redis
from django.core.cache.backends.redis import RedisCache

from mensajeria.difusion.capa import CapaDeCanales
from mensajeria.entre_procesos.direccion import Reserva, para_la_capa
from mensajeria.entre_procesos.enlace import Enlace
from servitech.bases import cache_en_redis
from tests import servicios


def test_lo_que_lleva_la_direccion_de_unos_sentinel() -> None:
    url = (
        "rediss+sentinel://ana:cl%40ve@uno,[::1]:7/mi/3?sentinel_password=s&health_check_interval=5"
    )
    vistos = para_la_capa(url, socket_timeout=2)
    assert vistos == {
        "sentinels": [("uno", 26379), ("::1", 7)],
        "master_name": "mi",
        "sentinel_kwargs": {"socket_timeout": 2, "password": "s", "ssl": True},
        "username": "ana",
        "password": "cl@ve",
        "db": 3,
        "health_check_interval": 5,
        "socket_timeout": 2,
        "ssl": True,
    }


def test_la_de_uno_se_deja_como_esta() -> None:
    assert para_la_capa("redis://uno/1", socket_timeout=2) == {
        "address": "redis://uno/1",
        "socket_timeout": 2,
    }
    assert Reserva.from_url("redis://uno/1").connection_kwargs["db"] == 1


@pytest.fixture
def por_sentinel() -> Iterator[str]:
    """La dirección por Sentinel de un maestro con una réplica."""
    with servicios.redis(mas="--repl-diskless-sync-delay 0") as maestro:
        puerto = maestro.rsplit(":", 1)[1].split("/")[0]
        with servicios.redis(mas=f"--replicaof 127.0.0.1 {puerto}") as replica:
            _esperar(lambda: _info(replica)["master_link_status"] == "up")
            with _sentinel(puerto) as url:
                yield url


@contextlib.contextmanager
def _sentinel(puerto_del_maestro: str) -> Iterator[str]:
    puerto, carpeta = servicios.puerto_libre(), Path(tempfile.mkdtemp())
    ajustes = carpeta / "sentinel.conf"
    ajustes.write_text(
        f"port {puerto}\nbind 127.0.0.1\ndir {carpeta}\n"
        f"sentinel monitor maestro 127.0.0.1 {puerto_del_maestro} 1\n"
        "sentinel down-after-milliseconds maestro 300\n"
    )
    proceso = subprocess.Popen(
        ["redis-server", str(ajustes), "--sentinel"], stdout=subprocess.DEVNULL, text=True
    )
    try:
        servicios.esperar_puerto(puerto, proceso)
        with cliente_redis.Redis(port=puerto, decode_responses=True) as vigia:
            _esperar(lambda: vigia.sentinel_slaves("maestro"))
        yield f"redis+sentinel://127.0.0.1:{puerto}/maestro"
    finally:
        servicios.detener(proceso)
        shutil.rmtree(carpeta, ignore_errors=True)


def _info(url: str) -> Any:
    with cliente_redis.Redis.from_url(url) as cliente:
        return cliente.info("replication")


def _esperar(pasa: Any) -> None:
    limite = time.monotonic() + servicios.PACIENCIA
    while time.monotonic() < limite:
        with contextlib.suppress(cliente_redis.RedisError):
            if pasa():
                return
        time.sleep(0.05)
    raise TimeoutError


def cache_que_recuerda(url: str) -> bool:
    """La de las sesiones, con la misma dirección."""
    opciones: Any = cache_en_redis(url)["default"]["OPTIONS"]
    cache: Any = RedisCache(url, {"OPTIONS": opciones})
    cache.set("sesión", {"de": "ana"})
    reserva = cache._cache._pools[0]
    recuerda = cache.get("sesión") == {"de": "ana"}
    reserva.disconnect()
    reserva.sentinel_manager.close()
    return recuerda


async def test_tras_el_relevo_se_sigue_con_el_nuevo_maestro(por_sentinel: str) -> None:
    enlace = Enlace(por_sentinel)
    enlace.probar(lambda: enlace.redis.set("clave", "antes"))
    capa = CapaDeCanales(hosts=[para_la_capa(por_sentinel, socket_timeout=2)], prefix="p")
    canal = await capa.new_channel()
    await capa.escuchar(["g"], canal)
    await capa.enviar({"g": {"n": 1}})
    assert (await asyncio.wait_for(capa.receive(canal), 5))["n"] == 1

    def matar() -> None:
        with contextlib.suppress(cliente_redis.RedisError):
            enlace.redis.execute_command("SHUTDOWN", "NOSAVE", "NOW")
        _esperar(lambda: enlace.probar(lambda: enlace.redis.set("clave", "después")))

    await asyncio.to_thread(matar)
    assert enlace.redis.role()[0] == "master"
    recibido = asyncio.create_task(capa.receive(canal))
    async with asyncio.timeout(servicios.PACIENCIA):
        # Lo publicado hasta que vuelve a escuchar se pierde, como con cualquier Redis que cae.
        while not recibido.done():
            with contextlib.suppress(cliente_redis.RedisError):
                await capa.enviar({"g": {"n": 2}})
            await asyncio.wait([recibido], timeout=0.1)
    assert recibido.result()["n"] == 2
    assert await asyncio.to_thread(cache_que_recuerda, por_sentinel)
    reserva = capa._get_layer()._shards[0]._redis.connection_pool
    await capa.flush()
    for vigia in reserva.sentinel_manager.sentinels:
        await vigia.aclose()
    enlace.redis.connection_pool.sentinel_manager.close()
    enlace.redis.close()
