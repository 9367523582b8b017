"""El padre de los procesos: repone al que muere y al que se para, y a uno cargado no lo toca."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from mensajeria.consola import supervisor
from mensajeria.consola.supervisor import MAX_RONDA, SEGUNDOS_PARA_NACER, SEGUNDOS_PARADO, Hijo
from tests.servicios import PACIENCIA, RAIZ

PLAZO = 2.0


class _DePega:
    pid = 1


@pytest.fixture
def esperado(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Lo que la máquina tuvo esperando a un hijo, en segundos."""
    segundos = [0.0]
    monkeypatch.setattr(supervisor, "_sin_procesador", lambda _pid: segundos[0])
    return segundos


def _rondas(hijo: Hijo, vueltas: float, segundos: float) -> bool:
    """Esos segundos de rondas de medio segundo sin que avance; si al final se le da por vivo."""
    vivo = True
    for _ in range(int(segundos * 2)):
        vivo = hijo.mirar(vueltas, 0.5)
    return vivo


def test_se_corta_al_que_no_avanza_pudiendo(esperado: list[float]) -> None:
    hijo = Hijo(_DePega())
    assert _rondas(hijo, 7, SEGUNDOS_PARADO - 1)
    assert not _rondas(hijo, 7, 3)
    assert hijo.mirar(8, 0.5) and hijo.atraso == 0


def test_al_que_nace_se_le_espera_mas(esperado: list[float]) -> None:
    hijo = Hijo(_DePega())
    assert _rondas(hijo, 0, SEGUNDOS_PARA_NACER - 1)
    assert not _rondas(hijo, 0, 3)


def test_al_que_espera_un_procesador_no(esperado: list[float]) -> None:
    hijo = Hijo(_DePega())
    for _ in range(1000):
        esperado[0] += 0.5
        assert hijo.mirar(7, 0.5)


def test_si_el_parado_es_el_padre_los_hijos_no_tienen_la_culpa(esperado: list[float]) -> None:
    hijo = Hijo(_DePega())
    hijo.mirar(7, 0.5)
    hijo.mirar(7, 0.5)
    assert hijo.mirar(7, 3600.0)
    assert hijo.atraso <= MAX_RONDA


# Un padre con el plazo corto, y un hijo que da vueltas o hace lo que se le mande.
GUION = f"""
import os, sys, threading, time
from mensajeria.consola import supervisor
supervisor.SEGUNDOS_PARADO = supervisor.SEGUNDOS_PARA_NACER = {PLAZO}
supervisor.DESCANSO = 0.1

def ocupar():
    while True:
        sum(range(1000))

def atender(latir):
    print(os.getpid(), flush=True)
    for _ in range(4 if "cargado" in sys.argv else 0):
        threading.Thread(target=ocupar, daemon=True).start()
    limite = time.monotonic() + 0.5
    while True:
        latir()
        time.sleep(0.1)
        while "bucle" in sys.argv and time.monotonic() > limite:
            pass

supervisor.Supervisor(atender, 1).vigilar(1, lambda: None)
"""


@pytest.fixture
def padre() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    procesos: list[subprocess.Popen[str]] = []

    def arrancar(como: str) -> subprocess.Popen[str]:
        entorno = {**os.environ, "DJANGO_SETTINGS_MODULE": "servitech.settings"}
        uno = subprocess.Popen(
            [sys.executable, "-c", GUION, como],
            cwd=RAIZ,
            env=entorno,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        procesos.append(uno)
        return uno

    yield arrancar
    for proceso in procesos:
        proceso.terminate()
        _, dicho = proceso.communicate(timeout=PACIENCIA)
        assert "Traceback" not in dicho


def _pid(padre: subprocess.Popen[str]) -> int:
    assert padre.stdout is not None
    return int(padre.stdout.readline())


@pytest.mark.parametrize("como_se_para", ["stop", "bucle"])
def test_uno_parado_se_repone(padre: Any, como_se_para: str) -> None:
    proceso = padre(como_se_para)
    primero = _pid(proceso)
    if como_se_para == "stop":
        os.kill(primero, signal.SIGSTOP)
    assert _pid(proceso) != primero
    assert not psutil.pid_exists(primero)


def test_uno_cargado_y_con_la_maquina_ocupada_sigue(padre: Any) -> None:
    proceso = padre("cargado")
    primero = _pid(proceso)
    ocupan = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        # Cuatro hilos suyos y cuatro procesos ajenos se pelean por los procesadores.
        time.sleep(2 * PLAZO)
    finally:
        for otro in ocupan:
            otro.kill()
            otro.wait()
    assert [h.pid for h in psutil.Process(proceso.pid).children()] == [primero]
