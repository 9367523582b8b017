"""Copiar y restaurar, con gente hablando; y después, cada cliente se queda con lo que hay."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
import requests

from tests.archivos import muestras
from tests.integracion.cliente import Cliente, como, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import PACIENCIA, Servidor, nueva_base, nueva_sqlite


async def _hablar(cliente: Cliente, conv: str, acusados: list[str], parar: asyncio.Event) -> None:
    """Sin parar; `acusados` son los identificadores, en su orden."""
    while not parar.is_set():
        enviado = await cliente.pedir("enviar_mensaje", hola(conv, f"m{len(acusados)}"))
        acusados.append(enviado["mensajeId"])


def _subir(servidor: Servidor, quien: str) -> str:
    """El identificador de un archivo suyo."""
    respuesta = requests.post(
        f"{servidor.url}/api/mensajeria/archivos/",
        files={"archivo": ("vista.png", muestras.imagen("PNG", (40, 30)), "image/png")},
        headers={"Authorization": f"Bearer {servidor.token(quien)}"},
        timeout=PACIENCIA,
    )
    respuesta.raise_for_status()
    return str(respuesta.json()["_id"])


def _bajar(servidor: Servidor, quien: str, archivo: str) -> int:
    return requests.get(
        f"{servidor.url}/api/mensajeria/archivos/{archivo}/contenido/",
        headers={"Authorization": f"Bearer {servidor.token(quien)}"},
        timeout=PACIENCIA,
    ).status_code


@pytest.mark.elige_base
@pytest.mark.parametrize("base", ["sqlite", "postgres"])
async def test_bajo_trafico_y_de_vuelta_enteros(tmp_path: Path, postgres: str, base: str) -> None:
    url = nueva_base(postgres) if base == "postgres" else nueva_sqlite(tmp_path)
    copia = tmp_path / "copia"
    uno = Servidor(tmp_path, DATABASE_URL=url)
    uno.arrancar()
    try:
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        archivo = await asyncio.to_thread(_subir, uno, "ana")
        acusados: list[str] = []
        async with como(uno, "ana") as ana, como(uno, "beto") as beto:
            parar = asyncio.Event()
            habla = asyncio.create_task(_hablar(ana, conv, acusados, parar))
            await beto.esperar("nuevo_mensaje")
            antes = len(acusados)
            await asyncio.to_thread(uno.orden, "respaldar", str(copia))
            durante = len(acusados)
            await beto.esperar("nuevo_mensaje", lambda d: d["mensaje"]["_id"] == acusados[-1])
            parar.set()
            await habla
            visto = await beto.pedir("reanudar", {"cursores": {conv: 0}})
        assert durante > antes
        uno.parar()
        await asyncio.to_thread(_romper, uno)
        await asyncio.to_thread(uno.orden, "restaurar", str(copia), "--si")
        await asyncio.to_thread(uno.arrancar)
        async with como(uno, "beto") as beto:
            cursor = visto["conversaciones"][conv]["ultimoCambio"]
            vuelta = await beto.pedir(
                "reanudar", {"cursores": {conv: cursor}, "epoca": visto["epoca"]}
            )
        suya = vuelta["conversaciones"][conv]
        assert suya["reiniciado"] and vuelta["epoca"] != visto["epoca"]
        hay = [m["_id"] for m in suya["cambios"]]
        # Lo acusado antes de copiar está, y nada está a medias: es el principio de lo acusado.
        assert hay == acusados[: len(hay)] and antes <= len(hay)
        assert await asyncio.to_thread(_bajar, uno, "ana", archivo) == 200
    finally:
        uno.parar()
    assert stat.S_IMODE(copia.stat().st_mode) == 0o700
    assert "JWT_SECRET=" in (copia / "claves.env").read_text()


def _romper(servidor: Servidor) -> None:
    """Se pierden los archivos y casi todo; y la base tiene una tabla que la copia no conocía."""
    for archivo in Path(servidor.entorno["ARCHIVOS"]).rglob("*.*"):
        archivo.unlink()
    servidor.guion(
        "from django.db import connection\n"
        "models.Mensaje.objects.all().delete()\n"
        "connection.cursor().execute('CREATE TABLE mensajeria_de_manana (id int)')"
    )


def _dicho(servidor: Servidor, *orden: str) -> str:
    """Lo que dice al negarse."""
    with pytest.raises(subprocess.CalledProcessError) as fallo:
        servidor.orden(*orden)
    return str(fallo.value.stderr)


@pytest.mark.elige_base
def test_una_copia_danada_o_de_otra_base_no_se_pone(tmp_path: Path, postgres: str) -> None:
    uno = Servidor(tmp_path, DATABASE_URL=nueva_sqlite(tmp_path))
    copia = tmp_path / "copia"
    uno.orden("respaldar", str(copia))
    assert "ya existe" in _dicho(uno, "respaldar", str(copia))
    otro = Servidor(tmp_path, DATABASE_URL=nueva_base(postgres))
    assert "es de sqlite" in _dicho(otro, "restaurar", str(copia), "--si")
    with (copia / "base.sqlite3").open("ab") as base:
        base.write(b"x")
    assert "dañada" in _dicho(uno, "restaurar", str(copia), "--si")
    (copia / "copia.json").write_text(json.dumps({}))
    assert "no es una copia" in _dicho(uno, "restaurar", str(copia), "--si")


@pytest.mark.elige_base
def test_si_no_se_puede_poner_no_se_quita_nada(tmp_path: Path, postgres: str) -> None:
    base = nueva_base(postgres)
    uno = Servidor(tmp_path, DATABASE_URL=base)
    uno.orden("respaldar", str(tmp_path / "copia"))
    with psycopg.connect(base):
        assert "detén los procesos" in _dicho(uno, "restaurar", str(tmp_path / "copia"), "--si")
    sin_nada = Servidor(tmp_path, DATABASE_URL=base, PATH=str(tmp_path))
    assert "Falta pg_restore" in _dicho(sin_nada, "restaurar", str(tmp_path / "copia"), "--si")
    assert uno.sql("SELECT _id FROM mensajeria_usuario WHERE _id = 'ana'") == [("ana",)]


@pytest.mark.bd
@pytest.mark.skipif("MONGODB_URI" not in os.environ, reason="es de MongoDB")
def test_de_mongodb_se_dice_como(tmp_path: Path) -> None:
    assert "mongodump" in _dicho(Servidor(tmp_path), "respaldar", str(tmp_path / "copia"))
