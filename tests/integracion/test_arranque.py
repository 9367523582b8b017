"""Con qué arranca y con qué no, y lo que no puede costarle nada a quien llega."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from mensajeria import VERSION
from tests.integracion.cliente import como
from tests.servicios import PACIENCIA, RAIZ, Servidor, nueva_sqlite

pytestmark = pytest.mark.elige_base


async def test_sin_registro_ni_metricas_donde_escribir_se_atiende_igual(
    redis: str, tmp_path: Path
) -> None:
    roto = tmp_path / "archivo"
    roto.write_text("no es una carpeta")
    servidor = Servidor(
        tmp_path,
        "--procesos",
        "2",
        REDIS_URL=redis,
        PROMETHEUS_MULTIPROC_DIR=str(roto / "metricas"),
    )
    servidor.entorno["LOG_ARCHIVO"] = str(roto / "server.log")
    with servidor:
        async with como(servidor, "ana") as ana:
            await ana.eco()
        saludo = requests.get(
            f"{servidor.url}/socket.io/?EIO=4&transport=polling", timeout=PACIENCIA
        )
        assert saludo.text.startswith("0{")
        metricas = requests.get(f"{servidor.url}/metrics", timeout=PACIENCIA)
        assert "mensajeria_conexiones" in metricas.text


def test_vivo_y_listo_se_contestan_a_cualquier_host(tmp_path: Path) -> None:
    """Y sin que nadie haya conectado: es quien decide si se le manda gente."""
    with Servidor(tmp_path, ALLOWED_HOSTS="mensajes.example") as servidor:

        def preguntar(que: str) -> requests.Response:
            ajeno = {"Host": "10.0.0.7:3000"}
            return requests.get(f"{servidor.url}/salud/{que}", headers=ajeno, timeout=PACIENCIA)

        assert preguntar("vivo").json() == {"estado": "bien", "version": VERSION}
        limite = time.monotonic() + PACIENCIA
        while not (dicho := preguntar("listo")).ok and time.monotonic() < limite:
            assert dicho.status_code == 503 and dicho.json()["registro"] != "bien"
            time.sleep(0.05)
        assert dicho.json() == {
            "estado": "bien",
            "version": VERSION,
            "base_de_datos": "bien",
            "esquema": "bien",
            "registro": "bien",
        }


async def test_un_host_ajeno_cuesta_una_linea(tmp_path: Path) -> None:
    """Y los archivos, el registro y la base, no los lee cualquiera."""
    with Servidor(tmp_path, ALLOWED_HOSTS="mensajes.example") as servidor:
        antes = servidor.registro.read_text()
        ajeno = {"Host": "ajeno.example" + "x" * 2000}
        respuesta = requests.get(f"{servidor.url}/", headers=ajeno, timeout=PACIENCIA)
        assert respuesta.status_code == 400
        nuevo = servidor.registro.read_text().removeprefix(antes)
        assert nuevo.count("\n") == 1 and "DisallowedHost" in nuevo and len(nuevo) < 500
        base = Path(servidor.entorno["DATABASE_URL"].removeprefix("sqlite:///"))
        for archivo in (servidor.registro, *base.parent.glob(f"{base.name}*")):
            assert stat.S_IMODE(archivo.stat().st_mode) == 0o640, archivo


SERVIR = ("manage.py", "servir", "--puerto", "1")
# Lo que hace cualquier otro servidor ASGI.
CARGAR = ("-c", "import servitech.asgi")


def _empezar(orden: tuple[str, ...], **entorno: str) -> subprocess.CompletedProcess[str]:
    limpio = {k: v for k, v in os.environ.items() if k not in {"MONGODB_URI", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, *orden],
        cwd=RAIZ,
        env={
            **limpio,
            "DEBUG": "0",
            "JWT_SECRET": "x" * 32,
            "SOCKET_CORS_ORIGIN": "https://a.example",
            **entorno,
        },
        capture_output=True,
        text=True,
        timeout=PACIENCIA,
    )


@pytest.mark.parametrize("orden", [SERVIR, CARGAR], ids=["servir", "otro"])
def test_la_base_de_make_run_no_arranca_en_produccion(
    tmp_path: Path, orden: tuple[str, ...]
) -> None:
    hecho = _empezar(
        orden, DATABASE_URL=nueva_sqlite(tmp_path), LOG_ARCHIVO=str(tmp_path / "server.log")
    )
    assert hecho.returncode == 1
    assert "contraseña de ejemplo («demo»): admin, ana, beto" in hecho.stderr


def test_una_base_sin_preparar_lo_dice_y_no_se_sirve(tmp_path: Path) -> None:
    hecho = _empezar(
        SERVIR,
        DATABASE_URL=f"sqlite:///{tmp_path}/nueva.sqlite3",
        LOG_ARCHIVO=str(tmp_path / "server.log"),
    )
    assert hecho.returncode == 1 and "Traceback" not in hecho.stderr
    [dicho] = [linea for linea in hecho.stderr.splitlines() if "sin preparar" in linea]
    assert "manage.py preparar" in dicho
