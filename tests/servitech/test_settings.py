"""Los ajustes enteros, en un proceso: lo que dice cada orden con unos que no se pueden leer."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servicios import RAIZ

MALOS = {
    "TZ": "CET-1CEST",
    "LOG_NIVEL": "todo",
    "SOCKET_CORS_ORIGIN": "https://*.tusitio.com",
    "DATABASE_URL": "mysql://ana:cl4v3@uno/x",
    "JWT_SECRETO": "cl4v3",
}
AJENAS = {"MONGODB_URI", "REDIS_URL", "CAPA_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"}


def orden(raiz: Path, *argumentos: str, **entorno: str) -> subprocess.CompletedProcess[str]:
    limpio = {k: v for k, v in os.environ.items() if k not in AJENAS}
    return subprocess.run(
        [sys.executable, "manage.py", *argumentos],
        cwd=raiz,
        env={**limpio, **entorno},
        capture_output=True,
        text=True,
    )


def test_con_ajustes_ilegibles_no_se_hace_nada_con_otros() -> None:
    hecho = orden(RAIZ, "preparar", **MALOS)
    assert (hecho.returncode, hecho.stdout) == (2, "")
    lineas = hecho.stderr.splitlines()
    assert [linea.split("=")[0].split(":")[0] for linea in lineas] == [
        "SOCKET_CORS_ORIGIN",
        "DATABASE_URL",
        "TZ",
        "LOG_NIVEL",
    ]
    assert all("Escribe" in linea for linea in lineas)


def _propuestas() -> list[str]:
    """Las líneas de `.env.ejemplo`, también las comentadas."""
    ejemplo = (RAIZ / ".env.ejemplo").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z_]+=.*)$", ejemplo, re.MULTILINE)


@pytest.mark.parametrize("linea", _propuestas())
def test_lo_que_env_ejemplo_propone_vale(linea: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nombre, _, valor = linea.partition("=")
    monkeypatch.setattr(os, "environ", {nombre: valor})
    ajustes = runpy.run_path(str(RAIZ / "servitech/settings.py"))
    assert (ajustes["AJUSTES_ILEGIBLES"], ajustes["AJUSTES_DESCONOCIDOS"]) == ([], [])


def test_diagnosticar_corre_igual_y_los_dice(tmp_path: Path) -> None:
    registro = str(tmp_path / "server.log")
    hecho = orden(RAIZ, "diagnosticar", LOG_ARCHIVO=registro, **MALOS)
    assert hecho.returncode == 1
    assert hecho.stdout.count("mensajeria.E009") == 4
    assert "¿será JWT_SECRET?" in hecho.stdout
    assert "Disco" in hecho.stdout and "Puertas" in hecho.stdout
    assert "cl4v3" not in hecho.stdout + hecho.stderr


_QUE_CARGA = """
import sys
sys.argv = ["manage.py", sys.argv[1]]
import django
django.setup()
from django.core.management import get_commands
import servitech.routing, servitech.urls, mensajeria.management.commands.servir
print(get_commands()[sys.argv[1]], *sorted({"daphne", "twisted", "pymongo"} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    ("nombre", "carga"), [("servir", "mensajeria"), ("runserver", "daphne daphne twisted")]
)
def test_cada_orden_carga_lo_que_usa(nombre: str, carga: str) -> None:
    """Lo demás es un tercio de lo que tarda un proceso en arrancar, y 28 MB."""
    limpio = {k: v for k, v in os.environ.items() if k not in AJENAS}
    entorno = {**limpio, "DJANGO_SETTINGS_MODULE": "servitech.settings"}
    guion = [sys.executable, "-c", _QUE_CARGA, nombre]
    hecho = subprocess.run(guion, cwd=RAIZ, env=entorno, capture_output=True, text=True)
    assert hecho.stdout.strip() == carga, hecho.stderr


def test_una_carpeta_que_se_llame_como_sea(tmp_path: Path) -> None:
    """`#`, `?` y `%` son de las direcciones, y aquí no hay ninguna."""
    raiz = tmp_path / "C# qué? a%20b"
    raiz.mkdir()
    shutil.copytree(RAIZ / "servitech", raiz / "servitech")
    shutil.copy(RAIZ / "manage.py", raiz)
    for nombre in ("mensajeria", "templates", "static"):
        (raiz / nombre).symlink_to(RAIZ / nombre)
    (raiz / ".env").write_text("LOG_NIVEL=warning\n", encoding="utf-8")
    codigo = "from django.db import connection; connection.ensure_connection()"
    hecho = orden(raiz, "shell", "--verbosity", "0", "--command", codigo)
    assert (hecho.returncode, hecho.stderr) == (0, "")
    assert (raiz / "servitech.sqlite3").exists()


def test_un_env_en_utf16(tmp_path: Path) -> None:
    shutil.copytree(RAIZ / "servitech", tmp_path / "servitech")
    shutil.copy(RAIZ / "manage.py", tmp_path)
    (tmp_path / "mensajeria").symlink_to(RAIZ / "mensajeria")
    (tmp_path / ".env").write_text("PORT=3001\n", encoding="utf-16")
    hecho = orden(tmp_path, "preparar")
    assert hecho.returncode == 2
    assert hecho.stderr.startswith(".env: está en UTF-16") and hecho.stderr.count("\n") == 1


def test_los_tokens_propios_llevan_lo_que_los_ajustes_piden(tmp_path: Path) -> None:
    codigo = (
        "from rest_framework_simplejwt.tokens import RefreshToken\n"
        "from mensajeria.operaciones.autenticacion import leer_token\n"
        "suyo = RefreshToken()\n"
        "suyo['userId'] = 'ana'\n"
        "print(leer_token(str(suyo.access_token)).usuario_id)\n"
        "print(leer_token(str(suyo), 'refresh').usuario_id)"
    )
    piden = {"JWT_AUDIENCIA": "chat", "JWT_EMISOR": "servitech"}
    registro = str(tmp_path / "server.log")
    hecho = orden(
        RAIZ, "shell", "--verbosity", "0", "--command", codigo, LOG_ARCHIVO=registro, **piden
    )
    assert hecho.stdout.split() == ["ana", "ana"], hecho.stderr
