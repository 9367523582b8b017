"""Las ventanas y los cubos: lo que se gasta en un proceso cuenta en todos."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import redis as cliente_redis

from mensajeria.entre_procesos import compartido as modulo
from mensajeria.entre_procesos import cubos, ventanas
from mensajeria.entre_procesos.compartido import Compartido, compartido, olvidar
from mensajeria.entre_procesos.cubos import Cubo, Cubos
from mensajeria.entre_procesos.ventanas import Ventanas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

DOS = 2


@pytest.fixture
def de_a_diez(settings: Any) -> None:
    settings.EVENTOS_POR_SEGUNDO = 10


def _gastar(cubo: Cubo, veces: int) -> None:
    for _ in range(veces):
        cubo.gastar()


def espera_de(ventanas: Ventanas) -> float | None:
    """En cuántos segundos le cabrá otra a ana; nada si ya le cabe. No la cuenta."""
    gasto = ventanas.gastar(DOS, {"ana": 1})["ana"]
    if not gasto.cabidas:
        return gasto.espera
    ventanas.devolver({"ana": 1})
    return None


def cabidas(ventanas: Ventanas, **cuantas: int) -> list[int]:
    return [gasto.cabidas for gasto in ventanas.gastar(DOS, cuantas).values()]


def test_la_ventana_es_de_todos(r: cliente_redis.Redis, redis: str) -> None:
    a, b = Compartido(redis, "a").ventanas, Compartido(redis, "b").ventanas
    assert cabidas(a, ana=1) == [1]
    assert espera_de(b) is None
    assert cabidas(b, ana=1, beto=5) == [1, 2]
    for una in (a, b):
        espera = espera_de(una)
        assert espera is not None
        assert 50 < espera <= 60
        assert cabidas(una, ana=1, carla=0) == [0, 0]
    b.devolver({"ana": 1, "carla": 3})
    assert cabidas(a, ana=3, carla=1) == [1, 1]


def test_la_ventana_es_un_solo_viaje(r: cliente_redis.Redis, redis: str) -> None:
    suyas = Compartido(redis, "a").ventanas
    cabidas(suyas, ana=1)
    r.config_resetstat()
    cabidas(suyas, **{f"u{i}": 1 for i in range(50)})
    assert r.info("commandstats")["cmdstat_evalsha"]["calls"] == 1


def test_sin_redis_cuenta_este_proceso(monkeypatch: pytest.MonkeyPatch) -> None:
    ahora = [1000.0]
    monkeypatch.setattr("mensajeria.entre_procesos.ventanas.time.monotonic", lambda: ahora[0])
    suyas = Compartido("").ventanas
    assert cabidas(suyas, ana=3) == [2]
    assert espera_de(suyas) == 60
    ahora[0] += 59
    assert espera_de(suyas) == 1
    suyas.devolver({"ana": 1, "beto": 1})
    assert espera_de(suyas) is None
    assert cabidas(suyas, ana=2, beto=2) == [1, 2]
    ahora[0] += 1
    assert cabidas(suyas, ana=2) == [1]


def test_las_ventanas_pasadas_se_olvidan(monkeypatch: pytest.MonkeyPatch) -> None:
    ahora = [1000.0]
    monkeypatch.setattr("mensajeria.entre_procesos.ventanas.time.monotonic", lambda: ahora[0])
    monkeypatch.setattr(ventanas, "_MAX_CLAVES", 2)
    suyas = Compartido("").ventanas
    cabidas(suyas, ana=1, beto=1, carla=1)
    ahora[0] += 61
    cabidas(suyas, mod=1)
    assert set(suyas._locales._gastadas) == {"mod"}


def test_lo_devuelto_no_cuenta() -> None:
    suyas = Compartido("").ventanas
    for _ in range(5):
        assert espera_de(suyas) is None
    assert [cabidas(suyas, ana=1) for _ in range(3)] == [[1], [1], [0]]


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


def test_a_quien_no_le_cabe_nunca_se_le_dice_que_espere_cero(
    monkeypatch: pytest.MonkeyPatch, de_a_diez: None
) -> None:
    ahora = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: ahora[0])
    cubo = Cubo()
    _gastar(cubo, 10 * cubos.RAFAGA)
    # Le falta una millonésima de segundo.
    ahora[0] += 0.1 - 1e-6
    with pytest.raises(ErrorMensajeria) as error:
        cubo.gastar()
    assert error.value.reintentar_en == 0.001


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


def test_lo_que_se_cobra_despues_se_debe_y_no_sin_fin(de_a_diez: None) -> None:
    cubo = Cubo("ana")
    cubo.cobrar(60)
    cubo.exigir()
    cubo.cobrar(10**6)
    for pedir in (cubo.exigir, cubo.gastar):
        with pytest.raises(ErrorMensajeria) as error:
            pedir()
        assert 9 < (error.value.reintentar_en or 0) <= 10.1


def test_lo_caro_pesa_mas_que_lo_barato() -> None:
    assert cubos.peso(0, 500) == cubos.peso(10, 2_000) == 0
    assert cubos.peso(500, 256 * 1024) > 40 > cubos.peso(110, 70_000) > 5


def test_igualar_no_perdona_lo_que_se_debe_aqui(
    r: cliente_redis.Redis, redis: str, de_a_diez: None
) -> None:
    a, b = Compartido(redis, "a").cubos, Compartido(redis, "b").cubos
    a.de("ana").cobrar(190)
    a.igualar()
    with pytest.raises(ErrorMensajeria) as error:
        a.de("ana").exigir()
    assert 8 < (error.value.reintentar_en or 0) < 10
    # En otro proceso se nota que no queda; lo que se debe, no se copia.
    b.de("ana").gastar()
    b.igualar()
    with pytest.raises(ErrorMensajeria) as error:
        b.de("ana").exigir()
    assert (error.value.reintentar_en or 9) < 1


def test_las_busquedas_fallidas_son_de_todos_los_procesos(
    r: cliente_redis.Redis, redis: str, settings: Any
) -> None:
    settings.BUSQUEDAS_FALLIDAS_POR_MINUTO = 6
    a, b = Compartido(redis, "a"), Compartido(redis, "b")
    _gastar(a.fallidas.de("ana"), 6)
    a.fallidas.igualar()
    b.fallidas.de("ana").gastar()
    b.fallidas.igualar()
    with pytest.raises(ErrorMensajeria) as error:
        b.fallidas.de("ana").exigir()
    assert error.value.mensaje == "Demasiadas veces se pidió lo que no existe o no es tuyo"
    # De los eventos no gastan nada.
    assert not a.cubos.por_igualar
    a.cubos.de("ana").exigir()
