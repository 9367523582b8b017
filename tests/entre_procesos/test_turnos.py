"""Un turno es de un solo proceso."""

from __future__ import annotations

import redis as cliente_redis

from mensajeria.entre_procesos.compartido import Compartido
from tests.entre_procesos.vecino import Vecino


def test_lo_toma_uno_solo_mientras_dura(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a").turnos, Vecino(redis, "b").turnos
    assert a.tomar("resumen", 3600)
    assert not b.tomar("resumen", 3600)
    assert not a.tomar("resumen", 3600)
    assert b.tomar("otro", 3600)
    # Algo menos que el tramo: el siguiente ya lo encuentra libre.
    assert 3590 < int(r.ttl("servitech:presencia:turno:resumen")) < 3600


def test_el_mas_corto_dura_un_segundo(r: cliente_redis.Redis, redis: str) -> None:
    assert Vecino(redis, "a").turnos.tomar("resumen", 1)
    assert 0 < int(r.pttl("servitech:presencia:turno:resumen")) <= 1000


def test_sin_redis_siempre_toca() -> None:
    turnos = Compartido("").turnos
    assert turnos.tomar("resumen", 3600)
    assert turnos.tomar("resumen", 3600)
