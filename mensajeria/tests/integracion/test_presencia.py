"""Los arriendos contra un Redis de verdad: lo que no llegó a apuntarse, se apunta después."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis as cliente_redis

from mensajeria.presencia import Clave, EnRedis

ANA, BETO = Clave("ana"), Clave("beto", "c")


@pytest.fixture
def r(redis: str) -> Iterator[cliente_redis.Redis]:
    cliente = cliente_redis.Redis.from_url(redis, decode_responses=True)
    cliente.flushall()
    yield cliente
    cliente.close()


def test_primera_y_ultima_entre_procesos(r: object, redis: str) -> None:
    a, b = EnRedis(redis, "a"), EnRedis(redis, "b")
    a.latir(), b.latir()
    assert a.anotar([ANA, BETO]) == [True, True]
    assert b.anotar([ANA]) == [False]
    assert b.en_linea({"ana", "carla"}) == {"ana"}
    assert b.unidos("c") == ["beto"]
    assert a.borrar([ANA]) == [False]
    assert b.borrar([ANA]) == [True]
    assert a.borrar([BETO]) == [True]
    assert b.unidos("c") == []


def test_vaciado_se_vuelve_a_contar(r: cliente_redis.Redis, redis: str) -> None:
    a = EnRedis(redis, "a")
    a.latir()
    a.anotar([ANA])
    a.sumar("u|ana", 2)
    r.flushall()
    assert a.latir() == ([ANA], [])
    assert a.en_linea({"ana"}) == {"ana"}
    assert a.sumar("u|ana", 1) == 3


def test_un_proceso_muerto_lo_entierra_uno_solo(r: cliente_redis.Redis, redis: str) -> None:
    a, b, c = EnRedis(redis, "a"), EnRedis(redis, "b"), EnRedis(redis, "c")
    for uno in (a, b, c):
        uno.latir()
    a.anotar([ANA, BETO])
    b.anotar([ANA])
    r.zadd("servitech:presencia:procesos", {"a": 1})
    idas = [b.latir()[1], c.latir()[1]]
    assert sorted(len(i) for i in idas) == [0, 1]
    assert BETO in [*idas[0], *idas[1]]
    # Si solo estaba parado, al volver lo suyo vuelve.
    llegan, _ = a.latir()
    assert llegan == [BETO]
    assert c.unidos("c") == ["beto"]


def test_lo_que_fallo_se_repone_al_volver(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = EnRedis(redis, "a")
    a.latir()
    a.anotar([ANA])

    def caido(*_: object) -> list[bool]:
        raise cliente_redis.ConnectionError

    with monkeypatch.context() as parche:
        parche.setattr(a, "_ejecutar", caido)
        for hacer in (lambda: a.borrar([ANA]), lambda: a.anotar([BETO])):
            with pytest.raises(cliente_redis.RedisError):
                hacer()
    assert a.en_linea({"ana"}) == {"ana"}
    assert a.latir() == ([BETO], [ANA])
    assert a.en_linea({"ana"}) == set()
    assert a.unidos("c") == ["beto"]
    assert a.latir() == ([], [])
