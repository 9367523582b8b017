"""Lo que ve quien usa las órdenes cuando algo no va: qué falló y qué hacer, nunca una traza."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from pymongo import MongoClient

from mensajeria.consola.salidas import guardar
from tests.servicios import RAIZ, mongo

ORDENES = (
    "borrar_usuario",
    "cargar_demo",
    "claves_vapid",
    "conexiones",
    "correo_entrante",
    "diagnosticar",
    "exportar_conversacion",
    "exportar_usuario",
    "importar_mongo",
    "mensaje",
    "notificar",
    "preparar",
    "purgar",
    "respaldar",
    "restaurar",
)


def lanzar(carpeta: Path, *argumentos: str, **entorno: str) -> subprocess.Popen[str]:
    limpio = {k: v for k, v in os.environ.items() if k not in {"MONGODB_URI", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "manage.py", *argumentos],
        cwd=RAIZ,
        env={
            **limpio,
            "DATABASE_URL": f"sqlite:///{carpeta / 'base.sqlite3'}",
            "LOG_ARCHIVO": str(carpeta / "server.log"),
            **entorno,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def dicho(proceso: subprocess.Popen[str]) -> str:
    """Lo que dijo al fallar, sin traza."""
    _, errores = proceso.communicate(timeout=60)
    assert proceso.returncode == 1
    assert "Traceback" not in errores
    return errores


@pytest.fixture
def preparada(tmp_path: Path) -> Path:
    proceso = lanzar(tmp_path, "preparar")
    proceso.communicate(timeout=60)
    assert proceso.returncode == 0
    return tmp_path


def test_sin_base_o_sin_migrar_se_dice_sin_traza(tmp_path: Path) -> None:
    sin_migrar = lanzar(tmp_path, "exportar_usuario", "ana")
    nada = f"sqlite:///{tmp_path}/no/existe.sqlite3"
    sin_mongo = "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=300"
    for proceso in (
        sin_migrar,
        lanzar(tmp_path, "preparar", DATABASE_URL=nada),
        lanzar(tmp_path, "exportar_usuario", "ana", MONGODB_URI=sin_mongo),
    ):
        errores = dicho(proceso)
        assert "La base de datos falló" in errores
        assert len(errores.splitlines()[-1]) < 300


@pytest.mark.parametrize("orden", ORDENES)
def test_la_ayuda_es_solo_de_lo_suyo(orden: str) -> None:
    parser = load_command_class("mensajeria", orden).create_parser("manage.py", orden)
    ayuda = parser.format_help()
    assert "enseña esta ayuda" in ayuda
    assert "opciones:" in ayuda
    assert "--pythonpath" not in ayuda


@pytest.mark.parametrize(
    ("orden", "pide"),
    [
        ("exportar_conversacion", "Falta cuál"),
        ("exportar_usuario", "Falta de quién"),
        ("borrar_usuario", "Falta de quién"),
        ("purgar", "Falta --dias"),
    ],
)
def test_lo_que_falta_se_pide(orden: str, pide: str) -> None:
    with pytest.raises(CommandError, match=pide):
        call_command(orden)


def test_nadie_lee_la_salida(preparada: Path) -> None:
    """Como en `exportar_usuario ana | head -1`, con lo que cabe en el tubo ya leído."""
    proceso = lanzar(preparada, "exportar_usuario", "ana")
    assert proceso.stdout is not None
    proceso.stdout.close()
    proceso.stdout = None
    assert "queda a medias" in dicho(proceso)


# El archivo de salida


def test_un_archivo_aparece_entero_y_solo_para_su_dueno(tmp_path: Path) -> None:
    salida = tmp_path / "x.jsonl"

    def lineas() -> Iterator[bytes]:
        yield b"uno\n"
        assert not salida.exists()
        yield b"dos\n"

    assert guardar(lineas(), salida, None) == 2
    assert salida.read_bytes() == b"uno\ndos\n"
    assert salida.stat().st_mode & 0o077 == 0


def test_si_se_corta_no_queda_nada(tmp_path: Path) -> None:
    salida = tmp_path / "x.jsonl"
    salida.write_text("lo de antes")

    def lineas() -> Iterator[bytes]:
        yield b"uno\n"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guardar(lineas(), salida, None)
    assert [x.name for x in tmp_path.iterdir()] == ["x.jsonl"]
    assert salida.read_text() == "lo de antes"


def test_lo_que_no_es_un_archivo_no_se_reemplaza(tmp_path: Path) -> None:
    """Exportar a un dispositivo, un tubo o un enlace escribe en él y lo deja como era."""
    tubo, enlace, detras = (tmp_path / n for n in ("tubo", "enlace", "detras"))
    os.mkfifo(tubo)
    leido: list[bytes] = []
    lector = threading.Thread(target=lambda: leido.append(tubo.read_bytes()))
    lector.start()
    guardar([b"uno\n"], tubo, None)
    lector.join(10)
    assert (tubo.is_fifo(), leido) == (True, [b"uno\n"])

    detras.touch()
    enlace.symlink_to(detras)
    guardar([b"uno\n"], enlace, None)
    assert (enlace.is_symlink(), detras.read_bytes()) == (True, b"uno\n")
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("salida", "motivo"), [("no/existe/x", "la carpeta no existe"), (".", "es una carpeta")]
)
def test_por_que_no_se_pudo_escribir(tmp_path: Path, salida: str, motivo: str) -> None:
    with pytest.raises(CommandError, match=motivo):
        guardar([b"uno\n"], tmp_path / salida, None)


# Importar


def test_donde_apuntar_los_rechazos_se_mira_antes(tmp_path: Path) -> None:
    for ruta in (tmp_path / "no" / "existe", tmp_path):
        with pytest.raises(CommandError, match="No se puede escribir en"):
            call_command("importar_mongo", "mongodb://127.0.0.1:1/x", rechazos=ruta)


def test_importar_sin_migrar(tmp_path: Path) -> None:
    with mongo() as uri:
        with MongoClient[Any](uri) as cliente:
            cliente["servitech"].mensajes.insert_one({"_id": 1})
        proceso = lanzar(tmp_path, "importar_mongo", uri)
        assert "La base de datos falló" in dicho(proceso)
