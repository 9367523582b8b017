"""Lo que se lee de `/proc`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bancos import sistema
from bancos.sistema import Base, Estado, descendencia, leer_estado, leer_pss


def test_la_linea_de_un_proceso_con_un_nombre_enrevesado():
    linea = "4242 (un (mal) nombre) S 17 4242 4242 0 -1 4194560 9 8 7 6 150 50 30 20 20 0 4 0 99"

    estado = leer_estado(linea, pulsos=100)

    assert estado.padre == 17
    assert estado.segundos == 2.5


def test_la_memoria_es_la_propia_con_lo_compartido_a_partes():
    texto = "7f00-7fff ---p 0 00:00 0 [rollup]\nRss:  2048 kB\nPss:  1024 kB\nPss_Anon: 3 kB\n"

    assert leer_pss(texto) == 1024 * 1024


def test_sin_esa_linea_no_hay_figura():
    with pytest.raises(ValueError):
        leer_pss("Rss: 2048 kB\n")


def test_la_descendencia_llega_a_los_nietos_y_deja_a_los_demas():
    assert sorted(descendencia(10, {10: 1, 11: 10, 12: 11, 20: 1, 21: 20})) == [10, 11, 12]


def test_lo_de_una_base_es_de_quienes_la_atienden_y_de_su_padre(monkeypatch):
    estados = {1: Estado(0, 5.0), 2: Estado(1, 2.0), 3: Estado(1, 7.0), 4: Estado(9, 50.0)}
    titulos = {
        2: "postgres: postgres banco_a 127.0.0.1(5000) idle ",
        3: "postgres: postgres banco_b 127.0.0.1(5001) idle ",
        4: "postgres: postgres banco_a 127.0.0.1(5002) idle ",
    }
    monkeypatch.setattr(sistema, "_estados", lambda: estados)
    monkeypatch.setattr(sistema, "_titulo", titulos.__getitem__)

    assert Base(1, "banco_a").procesador() == 7.0


def test_quien_se_detiene_con_sigterm_limpia_antes():
    guion = """
import signal
from bancos.sistema import preparar
preparar()
try:
    print("listo", flush=True)
    signal.pause()
finally:
    print("limpio", flush=True)
"""
    orden = [sys.executable, "-c", guion]
    with subprocess.Popen(orden, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        assert p.stdout.readline() == "listo\n"
        p.terminate()
        assert p.communicate(timeout=30)[0] == "limpio\n"
