"""Cuántos hay en una conversación, entre varios procesos y con un Redis de verdad."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis as cliente_redis

from mensajeria.entre_procesos.presencia import Clave
from tests.entre_procesos.vecino import Vecino, colgado

pytestmark = pytest.mark.elige_base


@pytest.fixture
def r(redis: str) -> Iterator[cliente_redis.Redis]:
    with cliente_redis.Redis.from_url(redis, decode_responses=True) as cliente:
        cliente.flushall()
        yield cliente


def test_se_cuentan_personas_de_todos_los_procesos(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    a.anotar([Clave("ana", "c"), Clave("beto", "c"), Clave("ana")])
    b.anotar([Clave("ana", "c"), Clave("carla", "d")])
    assert b.conectados(["c", "d", "nadie"]) == {"c": 2, "d": 1, "nadie": 0}
    a.borrar([Clave("ana", "c")])
    assert b.conectados(["c"]) == {"c": 2}
    b.borrar([Clave("ana", "c")])
    assert b.conectados(["c"]) == {"c": 1}
    assert b.conectados([]) == {}


def test_en_un_segundo_lo_dice_un_solo_proceso(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    a.anotar([Clave("ana", "c"), Clave("ana", "d")])
    assert a.recuento(["c"]) == {"c": 1}
    assert b.recuento(["c", "d"]) == {"d": 1}
    assert a.recuento(["c", "d"]) == {}
    # Pasado el segundo; y si el reloj de Redis retrocede, no se espera a que lo alcance.
    segundos, micros = r.time()
    ahora = segundos + micros / 1_000_000
    for hasta in (ahora - 0.1, ahora + 3_600):
        r.set("servitech:presencia:recuento:c", f"{hasta:.6f}")
        assert b.recuento(["c"]) == {"c": 1}


def test_sin_redis_no_se_dice_ninguna(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    with colgado(r):
        with pytest.raises(cliente_redis.RedisError):
            a.recuento(["c"])
        assert a.conectados(["c"]) == {"c": 0}


def test_los_totales_se_cuentan_una_vez_por_segundo(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contarlos es traer de Redis la presencia entera, y los pide cualquiera."""
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    a.latir(), b.latir()
    a.anotar([Clave("ana"), Clave("ana", "c")])
    assert (b.totales().usuarios, b.totales().conversaciones) == (1, 1)
    a.anotar([Clave("beto")])
    monkeypatch.setattr(b, "_apuntadas", None)
    assert b.totales().usuarios == 1
    monkeypatch.undo()
    monkeypatch.setattr(b, "_totales_hasta", 0.0)
    assert b.totales().usuarios == 2
