"""El guion de la semilla pasa contra un servidor de verdad, y falla cuando no lo hay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servicios import PACIENCIA, RAIZ, Servidor


def correr(url: str = "", **entorno: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./test_mensajeria_sistema.sh", *([url] if url else [])],
        cwd=RAIZ,
        env={"PY": sys.executable, "PATH": "/usr/local/bin:/usr/bin:/bin", **entorno},
        capture_output=True,
        text=True,
        timeout=2 * PACIENCIA,
    )


def test_el_guion_de_la_semilla(tmp_path: Path) -> None:
    with Servidor(tmp_path, MENSAJES_POR_MINUTO="10") as uno:
        fin = correr(uno.url)
    assert fin.returncode == 0, fin.stdout
    assert "0 failed" in fin.stdout
    sin_servidor = correr(uno.url)
    assert sin_servidor.returncode == 2
    assert len(sin_servidor.stderr.strip().splitlines()) == 1


@pytest.mark.elige_base
def test_va_al_puerto_que_diga_port(tmp_path: Path) -> None:
    with Servidor(tmp_path, MENSAJES_POR_MINUTO="10") as uno:
        fin = correr(PORT=str(uno.puerto))
    assert (fin.returncode, "0 failed" in fin.stdout) == (0, True), fin.stdout + fin.stderr
