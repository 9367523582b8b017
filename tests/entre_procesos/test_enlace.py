"""Un solo juicio de si Redis responde: lo que ve uno lo saben todos."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import redis as cliente_redis

from mensajeria.entre_procesos import arriendos, enlace
from mensajeria.entre_procesos.compartido import Compartido
from mensajeria.entre_procesos.cuentas import Cuentas
from mensajeria.entre_procesos.enlace import Enlace
from mensajeria.entre_procesos.presencia import Clave
from tests import servicios
from tests.entre_procesos.vecino import colgado

ANA = Clave("ana")
DOS = 2


class Llamada:
    """Cuenta las veces que de verdad se fue a Redis."""

    def __init__(self, cliente: Any) -> None:
        self._cliente = cliente
        self.veces = 0

    def __call__(self) -> object:
        self.veces += 1
        return self._cliente.ping()


@pytest.fixture
def muerto() -> tuple[Enlace, Llamada]:
    uno = Enlace(f"redis://127.0.0.1:{servicios.puerto_libre()}/0")
    return uno, Llamada(uno.redis)


def falla(hacer: Callable[[], object]) -> None:
    with pytest.raises(cliente_redis.RedisError):
        hacer()


def cabe(uno: Compartido, clave: str) -> bool:
    return uno.ventanas.gastar(DOS, {clave: 1})[clave].cabidas == 1


def cuentas_de(uno: Compartido) -> Cuentas:
    assert uno.cuentas is not None
    return uno.cuentas


def test_muerto_la_segunda_llamada_no_sale(muerto: tuple[Enlace, Llamada]) -> None:
    uno, ping = muerto
    falla(lambda: uno.llamar(ping))
    falla(lambda: uno.llamar(ping))
    assert ping.veces == 1


def test_pasado_el_descanso_se_prueba_otra_vez(
    muerto: tuple[Enlace, Llamada], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enlace, "DESCANSO", 0.0)
    uno, ping = muerto
    falla(lambda: uno.llamar(ping))
    falla(lambda: uno.llamar(ping))
    assert ping.veces == 2


def test_una_prueba_que_sale_bien_acaba_con_el_descanso(r: cliente_redis.Redis, redis: str) -> None:
    uno = Enlace(redis)
    with colgado(r):
        falla(lambda: uno.llamar(uno.redis.ping))
        falla(lambda: uno.probar(uno.redis.ping))
    falla(lambda: uno.llamar(uno.redis.ping))
    assert uno.probar(uno.redis.ping)
    assert uno.llamar(uno.redis.ping)


def test_el_descanso_dura_mas_que_un_latido_que_falla() -> None:
    """Si no, entre dos latidos esperarían también los demás."""
    assert arriendos.LATIDO + enlace._PACIENCIA < enlace.DESCANSO


def test_colgado_espera_el_primero_y_los_demas_no(r: cliente_redis.Redis, redis: str) -> None:
    uno = Compartido(redis, "a")
    with colgado(r):
        empieza = time.monotonic()
        assert cabe(uno, "ana")
        assert time.monotonic() - empieza > 0.4
        empieza = time.monotonic()
        falla(lambda: uno.presencia.anotar([ANA]))
        falla(lambda: cuentas_de(uno).contar({"u|ana": 1}))
        falla(lambda: uno.turnos.tomar("resumen", 10))
        uno.cubos.de("ana").gastar()
        falla(uno.cubos.igualar)
        assert uno.presencia.en_linea({"ana"}) == set()
        assert uno.presencia.unidos("c") == []
        # Con Redis caído las ventanas cuentan lo de este proceso.
        assert cabe(uno, "ana")
        assert not cabe(uno, "ana")
        assert time.monotonic() - empieza < 0.2


def test_lo_que_vio_la_presencia_lo_saben_los_limites(r: cliente_redis.Redis, redis: str) -> None:
    uno = Compartido(redis, "a")
    with colgado(r):
        falla(lambda: uno.presencia.anotar([ANA]))
    assert cabe(uno, "ana")
    assert r.keys("servitech:gastado:*") == []
    uno.presencia.latir()
    assert cabe(uno, "ana")
    assert len(r.keys("servitech:gastado:*")) == 1


def test_un_fallo_de_los_limites_no_pierde_lo_que_la_presencia_no_pudo_decir(
    r: cliente_redis.Redis, redis: str
) -> None:
    """Ya en firme el latido no repasa lo suyo, salvo que alguien viera fallar a Redis."""
    uno = Compartido(redis, "a")
    for _ in range(3):
        uno.presencia.latir()
    with colgado(r):
        cabe(uno, "ana")
    falla(lambda: uno.presencia.anotar([ANA]))
    falla(lambda: cuentas_de(uno).contar({"u|ana": 1}))
    assert uno.presencia.latir() == ([ANA], [])
    assert uno.presencia.en_linea({"ana"}) == {"ana"}
    assert r.hgetall("servitech:presencia:abiertas:u|ana") == {"a": "1"}


def test_todos_comparten_las_conexiones(r: cliente_redis.Redis, redis: str) -> None:
    uno = Compartido(redis, "a")
    antes = {c["id"] for c in r.client_list()}
    uno.presencia.latir()
    uno.presencia.anotar([ANA])
    cuentas_de(uno).contar({"u|ana": 1})
    cabe(uno, "ana")
    uno.cubos.de("ana").gastar()
    uno.cubos.igualar()
    assert len({c["id"] for c in r.client_list()} - antes) == 1
