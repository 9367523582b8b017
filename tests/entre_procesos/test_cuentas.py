"""Las conexiones abiertas en todos los procesos, y el aforo que las usa."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis as cliente_redis
from redis.connection import Connection

from mensajeria.entre_procesos import aforo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave
from tests.entre_procesos.vecino import Vecino, latir_en_firme
from tests.servicios import puerto_libre


def test_se_suman_las_de_los_vivos(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    assert a.cuentas.contar({"u|ana": 2}) == {"u|ana": 2}
    assert b.cuentas.contar({"u|ana": 1}) == {"u|ana": 3}
    assert a.cuentas.contar({"u|ana": 1}) == {"u|ana": 2}
    assert b.cuentas.contar({"d|::1": 4}) == {"d|::1": 4}
    # Las del que murió no cuentan, y se borran.
    r.zadd("servitech:presencia:procesos", {"b": 1})
    assert a.cuentas.contar({"u|ana": 1}) == {"u|ana": 1}
    assert r.hgetall("servitech:presencia:abiertas:u|ana") == {"a": "1"}


def test_el_cero_no_deja_rastro(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    a.cuentas.contar({"u|ana": 2})
    assert a.cuentas.contar({"u|ana": 0}) == {"u|ana": 0}
    assert not r.exists("servitech:presencia:abiertas:u|ana")
    a.cuentas.reponer()
    assert not r.exists("servitech:presencia:abiertas:u|ana")


def test_lo_perdido_se_repone(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    a.cuentas.contar({"u|ana": 2})
    a.cuentas.contar({"u|beto": 1})
    r.flushall()
    a.cuentas.reponer()
    assert r.hgetall("servitech:presencia:abiertas:u|ana") == {"a": "2"}
    assert r.hgetall("servitech:presencia:abiertas:u|beto") == {"a": "1"}


async def test_sin_redis_el_aforo_cuenta_las_de_aqui() -> None:
    clave = aforo.de_usuario("ana")
    assert [await compartido().aforo.entrar(clave, 2) for _ in range(3)] == [True, True, False]
    compartido().aforo.salir(clave)
    assert await compartido().aforo.entrar(clave, 2)
    compartido().aforo.salir(clave)
    compartido().aforo.salir(clave)
    assert clave not in compartido().aforo._aqui


async def test_con_redis_muerto_el_aforo_cuenta_las_de_aqui(settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{puerto_libre()}/0"
    clave = aforo.de_direccion("::1")
    assert [await compartido().aforo.entrar(clave, 1) for _ in range(2)] == [True, False]
    compartido().aforo.salir(clave)
    await asyncio.gather(*compartido().aforo._pendientes)
    assert await compartido().aforo.entrar(clave, 1)
    compartido().aforo.salir(clave)
    await asyncio.gather(*compartido().aforo._pendientes)


def test_sean_las_que_sean_es_un_viaje(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    b.cuentas.contar({f"u|{n}": 1 for n in range(50)})
    claves = [Clave("ana", f"c{n}") for n in range(200)]
    a.anotar(claves)
    a.borrar(claves)
    viajes: list[int] = []
    enviar = Connection.send_packed_command

    def contando(esta: Any, *que: Any, **mas: Any) -> Any:
        viajes.append(1)
        return enviar(esta, *que, **mas)

    monkeypatch.setattr(Connection, "send_packed_command", contando)
    assert a.cuentas.contar({f"u|{n}": 2 for n in range(50)}) == {f"u|{n}": 3 for n in range(50)}
    assert len(viajes) == 1
    assert a.anotar(claves) == [True] * 200
    assert a.borrar(claves) == [True] * 200
    assert len(viajes) == 3


async def test_quienes_llegan_a_la_vez_se_cuentan_a_la_vez(
    r: cliente_redis.Redis, redis: str, settings: Any
) -> None:
    settings.REDIS_URL = redis
    suyo = compartido().aforo
    tandas: list[int] = []
    publicar = suyo._publicaciones._hacer

    def contando(claves: list[str]) -> Any:
        tandas.append(len(claves))
        return publicar(claves)

    suyo._publicaciones._hacer = contando
    caben = await asyncio.gather(*(suyo.entrar("u|ana", 5) for _ in range(8)))
    assert sorted(caben) == [False] * 3 + [True] * 5
    assert tandas == [5]
    for _ in range(5):
        suyo.salir("u|ana")
    await asyncio.gather(*suyo._pendientes)
    assert tandas == [5, 5]
