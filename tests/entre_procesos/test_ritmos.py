"""Las ventanas y los cubos: lo que se gasta en un proceso cuenta en todos."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import redis as cliente_redis
from limits import RateLimitItemPerMinute

from mensajeria.entre_procesos import compartido as modulo
from mensajeria.entre_procesos import cubos
from mensajeria.entre_procesos.compartido import Compartido, compartido, olvidar
from mensajeria.entre_procesos.cubos import Cubo, Cubos
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

DOS = RateLimitItemPerMinute(2)


@pytest.fixture
def de_a_diez(settings: Any) -> None:
    settings.EVENTOS_POR_SEGUNDO = 10


def _gastar(cubo: Cubo, veces: int) -> None:
    for _ in range(veces):
        cubo.gastar()


def test_la_ventana_es_de_todos(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Compartido(redis, "a").ventanas, Compartido(redis, "b").ventanas
    assert a.gastar(DOS, "ana") is None
    assert b.mirar(DOS, "ana") is None
    assert b.gastar(DOS, "ana") is None
    for una in (a, b):
        espera = una.gastar(DOS, "ana")
        assert espera is not None
        assert 50 < espera <= 60
        assert una.mirar(DOS, "ana") is not None
    assert a.gastar(DOS, "beto") is None


def test_mirar_no_gasta() -> None:
    ventanas = Compartido("").ventanas
    for _ in range(5):
        assert ventanas.mirar(DOS, "ana") is None
    assert [ventanas.gastar(DOS, "ana") is None for _ in range(3)] == [True, True, False]


def test_el_cubo_de_cada_persona_es_uno_y_da_su_rafaga(de_a_diez: None) -> None:
    suyos = Cubos(None)
    assert suyos.de("ana") is suyos.de("ana")
    _gastar(suyos.de("ana"), 100)
    with pytest.raises(ErrorMensajeria) as error:
        suyos.de("ana").gastar()
    assert error.value.codigo is CodigoError.RATE_LIMITED
    assert error.value.mensaje == "Límite de eventos excedido"
    assert 0 < (error.value.reintentar_en or 0) <= 0.1
    suyos.de("beto").gastar()


def test_los_cubos_se_igualan_entre_procesos(
    r: cliente_redis.Redis, redis: str, de_a_diez: None
) -> None:
    a, b = Compartido(redis, "a").cubos, Compartido(redis, "b").cubos
    _gastar(a.de("ana"), 80)
    _gastar(b.de("ana"), 10)
    a.igualar()
    b.igualar()
    # Quedaban 10 y lo que se haya rellenado: unas pocas fichas.
    with pytest.raises(ErrorMensajeria):
        _gastar(b.de("ana"), 30)
    assert not a.de("beto").gastadas


def test_los_cubos_llenos_se_olvidan(monkeypatch: pytest.MonkeyPatch, de_a_diez: None) -> None:
    monkeypatch.setattr(cubos, "MAX_CUBOS", 2)
    suyos = Cubos(None)
    lleno, usado = suyos.de("ana"), suyos.de("beto")
    _gastar(usado, 50)
    suyos.de("carla"), suyos.de("mod")
    assert suyos.de("beto") is usado
    assert suyos.de("ana") is not lleno


def test_dos_hilos_a_la_vez_comparten_lo_mismo(monkeypatch: pytest.MonkeyPatch) -> None:
    hechos: list[Compartido] = []
    salida = threading.Barrier(4)

    class Lento(Compartido):
        def __init__(self, url: str) -> None:
            threading.Event().wait(0.05)
            super().__init__(url)

    def pedir() -> None:
        salida.wait()
        hechos.append(compartido())

    monkeypatch.setattr(modulo, "Compartido", Lento)
    olvidar()
    hilos = [threading.Thread(target=pedir) for _ in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    olvidar()
    assert len({id(uno) for uno in hechos}) == 1
