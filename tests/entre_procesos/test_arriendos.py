"""Quién vive, según quién renueva."""

from __future__ import annotations

import pytest
import redis as cliente_redis

from mensajeria.entre_procesos.compartido import Compartido
from tests.entre_procesos.vecino import Vecino, colgado, latir_en_firme

_PROCESOS = "servitech:presencia:procesos"


def test_recien_llegado_no_concluye_nada_de_los_demas(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a").arriendos
    assert a.vivos(["a", "nadie"]) == {"a", "nadie"}
    assert [a.renovar() for _ in range(3)] == [False, False, True]
    assert a.vivos(["a", "nadie"]) == {"a"}
    assert a.vivos([]) == set()


def test_el_que_no_renueva_vence_y_se_queda_hasta_que_se_le_quita(
    r: cliente_redis.Redis, redis: str
) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    r.zadd(_PROCESOS, {"b": 1})
    assert a.arriendos.vivos(["a", "b"]) == {"a"}
    assert a.arriendos.vencidos() == ["b"]
    assert a.arriendos.todos() == ["b", "a"]
    a.arriendos.quitar("b")
    assert a.arriendos.vencidos() == []
    assert a.arriendos.todos() == ["a"]


@pytest.mark.parametrize("por", ["fallo", "vaciado", "pausa"])
def test_deja_de_ser_firme(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch, por: str
) -> None:
    uno = Vecino(redis, "a")
    a = uno.arriendos
    for _ in range(3):
        a.renovar()
    if por == "fallo":
        with colgado(r), pytest.raises(cliente_redis.RedisError):
            uno.enlace.llamar(uno.enlace.redis.ping)
        # En cuanto alguien lo ve, antes del siguiente latido.
        assert a.vivos(["a", "nadie"]) == {"a", "nadie"}
    elif por == "vaciado":
        r.flushall()
    else:
        monkeypatch.setattr(a, "_ultimo", a._ultimo - 4)
    assert [a.renovar() for _ in range(3)] == [False, False, True]


def test_sin_redis_todos_viven() -> None:
    assert Compartido("").vivos(["a", "b"]) == {"a", "b"}


def test_los_sockets_de_cada_uno_llegan_con_su_latido(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    a.sockets, b.sockets = 3, 4
    a.latir(), b.latir()
    assert a.totales().sockets == 7
    # Los de aquí, sin esperar al latido.
    b.sockets = 5
    assert (a.totales().sockets, b.totales().sockets) == (7, 8)
