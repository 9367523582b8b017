"""Los relojes de las máquinas no van a la par, y el de Redis puede retroceder: nadie lo paga."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis as cliente_redis

from mensajeria.entre_procesos.compartido import Compartido
from mensajeria.entre_procesos.cubos import Cubo
from mensajeria.protocolo.errores import ErrorMensajeria
from tests.entre_procesos.vecino import Vecino, latir_en_firme

UNA_HORA = 3600.0
_PROCESOS = "servitech:presencia:procesos"

Desfasar = Callable[[float], None]


@pytest.fixture
def desfasar(monkeypatch: pytest.MonkeyPatch) -> Desfasar:
    """El reloj de la máquina en la que se está, adelantado o atrasado tantos segundos."""
    de_verdad = time.time

    def en(segundos: float) -> None:
        monkeypatch.setattr(time, "time", lambda: de_verdad() + segundos)

    return en


@pytest.fixture
def de_a_diez(settings: Any) -> None:
    settings.EVENTOS_POR_SEGUNDO = 10


@pytest.mark.parametrize("segundos", [15.0, UNA_HORA])
def test_dos_maquinas_que_no_van_a_la_par_no_niegan_nada(
    r: cliente_redis.Redis, redis: str, de_a_diez: None, desfasar: Desfasar, segundos: float
) -> None:
    en_hora, otra = Compartido(redis, "a").cubos, Compartido(redis, "b").cubos
    for _ in range(10):
        desfasar(segundos)
        otra.de("ana").gastar()
        otra.igualar()
        desfasar(0)
        en_hora.de("ana").gastar()
        en_hora.igualar()
    for cubos in (en_hora, otra):
        assert cubos.de("ana")._fichas > 70


@pytest.mark.parametrize("fichas", ["-36000", "100"])
def test_un_cubo_visto_en_el_futuro_no_niega_nada(
    r: cliente_redis.Redis, redis: str, de_a_diez: None, fichas: str
) -> None:
    """El reloj de Redis retrocedió una hora; o quedó una deuda de cuando se contaba con otro."""
    r.hset("servitech:limites:eventos:ana", mapping={"fichas": fichas, "visto": time.time() + 3600})
    cubos = Compartido(redis, "a").cubos
    cubos.de("ana").gastar()
    cubos.igualar()
    assert float(r.hget("servitech:limites:eventos:ana", "visto") or 0) < time.time() + 60
    try:
        cubos.de("ana").gastar()
    except ErrorMensajeria as error:
        assert fichas != "100"
        assert (error.reintentar_en or 99) < 1


def test_la_deuda_de_todos_no_se_copia(de_a_diez: None) -> None:
    cubo = Cubo("ana", [])
    cubo.gastar()
    cubo.igualar(-1000)
    with pytest.raises(ErrorMensajeria) as error:
        cubo.gastar()
    assert 0 < (error.value.reintentar_en or 0) <= 0.6


def test_pasarse_entre_varios_procesos_se_nota_y_se_olvida(
    r: cliente_redis.Redis, redis: str, de_a_diez: None
) -> None:
    """Tres que gastan su ráfaga entera a la vez deben un segundo, y no veinte."""
    todos = [Compartido(redis, nombre).cubos for nombre in "abc"]
    for cubos in todos:
        for _ in range(100):
            cubos.de("ana").gastar()
    for cubos in todos:
        cubos.igualar()
    assert -10 <= float(r.hget("servitech:limites:eventos:ana", "fichas") or 0) < 0
    with pytest.raises(ErrorMensajeria):
        todos[2].de("ana").gastar()


def test_la_ventana_de_un_reloj_que_retrocede_dura_lo_que_una(
    r: cliente_redis.Redis, redis: str
) -> None:
    ahora = time.time()
    r.rpush("servitech:gastado:ana", ahora - 5, ahora + UNA_HORA, ahora + UNA_HORA)
    suyas = Compartido(redis, "a").ventanas
    gasto = suyas.gastar(3, {"ana": 1})["ana"]
    assert gasto.cabidas == 0
    assert 50 < gasto.espera <= 55
    r.lpop("servitech:gastado:ana")
    assert suyas.gastar(3, {"ana": 1})["ana"].cabidas == 1
    gasto = suyas.gastar(2, {"ana": 1})["ana"]
    assert gasto.cabidas == 0
    assert gasto.espera <= 60


@pytest.mark.parametrize("segundos", [-UNA_HORA, -15.0, 15.0, UNA_HORA])
def test_el_arriendo_es_del_reloj_de_redis(
    r: cliente_redis.Redis, redis: str, desfasar: Desfasar, segundos: float
) -> None:
    a, b = Vecino(redis, "a"), Vecino(redis, "b")
    for _ in range(3):
        desfasar(segundos)
        b.latir()
        desfasar(0)
        a.latir()
    assert a.arriendos.vivos(["a", "b"]) == {"a", "b"}
    assert a.arriendos.vencidos() == []
    hasta = float(r.zscore(_PROCESOS, "b") or 0)
    assert 0 < hasta - time.time() <= 6.1


def test_un_muerto_no_vive_lo_que_retroceda_el_reloj(r: cliente_redis.Redis, redis: str) -> None:
    a = Vecino(redis, "a")
    latir_en_firme(a)
    r.zadd(_PROCESOS, {"muerto": time.time() + UNA_HORA})
    a.latir()
    assert 0 < float(r.zscore(_PROCESOS, "muerto") or 0) - time.time() <= 6.1


def test_un_turno_de_antes_de_retroceder_no_se_guarda(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Vecino(redis, "a").turnos, Vecino(redis, "b").turnos
    assert a.tomar("resumen", 60)
    assert not b.tomar("resumen", 60)
    r.set("servitech:presencia:turno:resumen", time.time() + UNA_HORA, ex=9999)
    assert b.tomar("resumen", 60)
    assert not a.tomar("resumen", 60)
    # De una versión anterior, mientras se renuevan los procesos.
    r.set("servitech:presencia:turno:otro", "0f1e2d3c4b5a6978", ex=30)
    assert not a.tomar("otro", 60)
