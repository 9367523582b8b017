"""Los arriendos contra un Redis de verdad: lo que no llegó a apuntarse, se apunta después."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis as cliente_redis

from mensajeria.base_de_datos import en_hilo_de_presencia
from mensajeria.entre_procesos import aforo, presencia_redis
from mensajeria.entre_procesos.compartido import compartido, olvidar
from mensajeria.entre_procesos.miradas import Miradas
from mensajeria.entre_procesos.presencia import Clave
from tests.cronometro import Cronometro
from tests.entre_procesos.vecino import Vecino, colgado, latir_en_firme

pytestmark = pytest.mark.elige_base

ANA, BETO, CARLA = Clave("ana"), Clave("beto", "c"), Clave("carla")


@pytest.fixture
def r(redis: str) -> Iterator[cliente_redis.Redis]:
    cliente = cliente_redis.Redis.from_url(redis, decode_responses=True)
    cliente.flushall()
    yield cliente
    cliente.close()


def caido(*_: object) -> list[bool]:
    raise cliente_redis.ConnectionError


def vencer_arriendos(r: Any) -> None:
    """Lo que deja una pausa más larga que el arriendo."""
    for uno in r.zrange("servitech:presencia:procesos", 0, -1):
        r.zadd("servitech:presencia:procesos", {uno: 1})


def test_primera_y_ultima_entre_procesos(r: object, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    a.latir(), b.latir()
    assert a.anotar([ANA, BETO]) == [True, True]
    assert b.anotar([ANA]) == [False]
    assert b.en_linea({"ana", "carla"}) == {"ana"}
    assert b.unidos("c") == ["beto"]
    assert a.borrar([ANA]) == [False]
    assert b.borrar([ANA]) == [True]
    assert a.borrar([BETO]) == [True]
    assert b.unidos("c") == []


def test_lo_que_se_mira_lo_dice_cada_proceso(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    en_a, en_b = Miradas(a.enlace, a.arriendos), Miradas(b.enlace, b.arriendos)
    todo, buscadas = {ANA, BETO, CARLA}, [ANA, Clave("ana", "c"), BETO, CARLA]
    en_a.anotar({"ana": {""}, "beto": {"c", "otra"}})
    en_b.anotar({"carla": {""}, "ana": {""}})
    assert en_b.miran(buscadas) == todo
    # Pasa a otra; en el otro proceso la sigue teniendo.
    en_a.anotar({"ana": {"otra"}, "beto": {"otra"}})
    assert en_b.miran(buscadas) == {ANA, CARLA}
    en_b.anotar({"ana": (), "carla": {"c"}})
    assert en_a.miran(buscadas) == set()
    r.flushall()
    latir_en_firme(a, b)
    en_b.latir()
    assert en_a.miran([Clave("carla", "c"), BETO]) == {Clave("carla", "c")}


def test_vaciado_se_vuelve_a_contar(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    a.latir()
    a.anotar([ANA])
    a.cuentas.contar({"u|ana": 2})
    r.flushall()
    assert a.latir() == ([ANA], [])
    assert a.en_linea({"ana"}) == {"ana"}
    assert a.cuentas.contar({"u|ana": 3}) == {"u|ana": 3}


def test_vaciado_lo_mucho_se_repone_a_tandas(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presencia_redis, "_REPUESTAS_POR_LATIDO", 2)
    a = Vecino(redis, "a")
    latir_en_firme(a)
    a.anotar([BETO, Clave("ana", "c"), ANA, CARLA, Clave("carla", "c")])
    r.flushall()
    # Antes, quién está; y lo que mientras tanto se suelta no vuelve.
    assert sorted(a.latir()[0]) == [ANA, CARLA]
    a.borrar([BETO])
    llegan = [a.latir()[0], a.latir()[0], a.latir()[0]]
    assert [len(cuales) for cuales in llegan] == [2, 0, 0]
    assert a.unidos("c") == ["ana", "carla"]
    assert a.en_linea({"ana", "beto", "carla"}) == {"ana", "carla"}


def test_sin_cambios_un_latido_cuesta_lo_mismo_haya_quien_haya(
    r: cliente_redis.Redis, redis: str
) -> None:
    def cuesta(cuantos: int) -> int:
        quienes = [f"u{n}" for n in range(cuantos)]
        a.anotar([Clave(u) for u in quienes])
        miradas.anotar({quien: {""} for quien in quienes})
        latir_en_firme(a)
        antes = int(r.info("stats")["total_net_input_bytes"])
        a.latir()
        miradas.latir()
        return int(r.info("stats")["total_net_input_bytes"]) - antes

    a = Vecino(redis, "a")
    miradas = Miradas(a.enlace, a.arriendos)
    latir_en_firme(a)
    assert cuesta(2_000) < cuesta(1) + 100
    r.flushall()
    a.latir()
    miradas.latir()
    assert miradas.miran([Clave("u1999"), Clave("otro")]) == {Clave("u1999")}


def test_un_proceso_muerto_lo_entierra_uno_solo(r: cliente_redis.Redis, redis: str) -> None:
    a, b, c = Vecino(redis, "a"), Vecino(redis, "b"), Vecino(redis, "c")
    latir_en_firme(a, b, c)
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


def test_un_entierro_a_medias_lo_termina_otro(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c = Vecino(redis, "a"), Vecino(redis, "b"), Vecino(redis, "c")
    latir_en_firme(a, b, c)
    a.anotar([ANA])
    r.zadd("servitech:presencia:procesos", {"a": 1})
    monkeypatch.setattr(b, "_enterrar", caido)
    with pytest.raises(cliente_redis.RedisError):
        b.latir()
    assert c.latir() == ([], [])
    r.delete("servitech:presencia:turno:entierro:a")  # como pasado su plazo
    assert c.latir() == ([], [ANA])
    assert c.en_linea({"ana"}) == set()


def test_lo_enterrado_se_anuncia_aunque_falle_lo_siguiente(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    a.anotar([ANA])
    r.zadd("servitech:presencia:procesos", {"a": 1})
    with monkeypatch.context() as parche:
        parche.setattr(b, "_aclarar", caido)
        with pytest.raises(cliente_redis.RedisError):
            b.latir()
    assert b.latir() == ([], [ANA])
    assert b.latir() == ([], [])


def test_lo_que_se_cerro_con_redis_caido_deja_de_contar(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    a.cuentas.contar({"u|ana": 2})
    with monkeypatch.context() as parche:
        parche.setattr(a.enlace, "redis", cliente_redis.Redis(port=1))
        with pytest.raises(cliente_redis.RedisError):
            a.cuentas.contar({"u|ana": 0})
    assert b.cuentas.contar({"u|ana": 1}) == {"u|ana": 3}
    a.latir()
    assert b.cuentas.contar({"u|ana": 1}) == {"u|ana": 1}


def test_tras_una_pausa_nadie_entierra_a_los_vivos(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    b.anotar([ANA])
    b.cuentas.contar({"u|ana": 1})
    with colgado(r), pytest.raises(cliente_redis.RedisError):
        a.latir()
    vencer_arriendos(r)
    assert a.latir() == ([], [])
    assert a.arriendos.vivos(["a", "b"]) == {"a", "b"}
    assert a.cuentas.contar({"u|ana": 1}) == {"u|ana": 2}
    assert a.latir() == ([], [])
    assert b.latir() == ([], [])
    assert a.latir() == ([], [])
    # El que no vuelve, sí.
    r.zadd("servitech:presencia:procesos", {"b": 1})
    assert a.arriendos.vivos(["a", "b"]) == {"a"}
    assert a.latir() == ([], [ANA])


def test_lo_que_fallo_se_repone_al_volver(
    r: cliente_redis.Redis, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = Vecino(redis, "a")
    a.latir()
    a.anotar([ANA])

    with monkeypatch.context() as parche:
        parche.setattr(a, "_correr", caido)
        for hacer in (lambda: a.borrar([ANA]), lambda: a.anotar([BETO])):
            with pytest.raises(cliente_redis.RedisError):
                hacer()
    assert Vecino(redis, "b").en_linea({"ana"}) == {"ana"}
    assert a.latir() == ([BETO], [])
    assert a.en_linea({"ana"}) == set()
    assert a.unidos("c") == ["beto"]
    assert a.latir() == ([], [])
    assert a.latir() == ([], [ANA])
    assert a.latir() == ([], [])


def test_quien_se_va_con_redis_parado_se_aclara_al_volver(
    r: cliente_redis.Redis, redis: str
) -> None:
    """Nadie más sabe de su ida, o aquí se anunció y sigue en otro: se repara al ser firme."""
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    latir_en_firme(a, b)
    a.anotar([ANA]), b.anotar([ANA, BETO, CARLA])
    with colgado(r), pytest.raises(cliente_redis.RedisError):
        b.borrar([ANA, BETO, CARLA])
    r.flushall()
    # Vacío, y a no ha latido aún: de ana no se sabe.
    assert b.latir() == ([], [])
    assert a.latir() == ([ANA], [])
    # Quien aquí se dio por ido y vuelve, se anuncia aunque otro lo sostenga.
    a.anotar([CARLA])
    assert b.anotar([CARLA]) == [True]
    assert b.latir() == ([], [])
    assert b.latir() == ([ANA], [BETO])
    assert b.latir() == ([], [])
    assert b.en_linea({"ana", "carla"}) == {"ana", "carla"}


def test_colgado_se_espera_una_vez_y_no_una_por_llamada(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    a.latir()
    with colgado(r):
        empieza = Cronometro()
        for i in range(20):
            for hacer in (lambda i=i: a.cuentas.contar({f"u|{i}": 1}), lambda: a.anotar([ANA])):
                with pytest.raises(cliente_redis.RedisError):
                    hacer()
        assert empieza.segundos() < 1.5
    # El latido que llega lo repone todo y acaba el descanso.
    assert a.latir() == ([ANA], [])
    assert a.en_linea({"ana"}) == {"ana"}
    assert a.cuentas.contar({"u|7": 2}) == {"u|7": 2}


async def test_una_entrada_cancelada_no_deja_cuenta(
    r: cliente_redis.Redis, redis: str, settings: Any
) -> None:
    """Quien se va mientras se le cuenta, ni suma ni resta."""
    settings.REDIS_URL = redis
    olvidar()
    clave, sigue = aforo.de_usuario("ana"), threading.Event()
    ocupado = asyncio.create_task(en_hilo_de_presencia(sigue.wait))
    entrada = asyncio.create_task(compartido().aforo.entrar(clave, 5))
    await asyncio.sleep(0)
    entrada.cancel()
    await asyncio.gather(entrada, return_exceptions=True)
    sigue.set()
    await ocupado
    for _ in range(5):
        assert await compartido().aforo.entrar(clave, 5)
    assert not await compartido().aforo.entrar(clave, 5)
    for _ in range(5):
        compartido().aforo.salir(clave)
    await asyncio.gather(*compartido().aforo._pendientes)
    assert r.keys("servitech:presencia:abiertas:*") == []
    olvidar()
