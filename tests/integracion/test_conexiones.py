"""Quién está conectado, en todos los procesos: por la orden de consola y en la mesa."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from mensajeria.admin.conexiones import CABECERA
from tests.integracion.cliente import como
from tests.integracion.conftest import dos_servidores
from tests.puertas.contado import SocketIO
from tests.servicios import PACIENCIA, Servidor, nueva_sqlite

pytestmark = pytest.mark.elige_base


def preguntar(servidor: Servidor, *mas: str) -> dict[str, Any]:
    dicho: dict[str, Any] = json.loads(
        servidor.orden("conexiones", "--url", servidor.url, "--json", *mas).stdout
    )
    return dicho


def quienes(dicho: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted(
        (c["usuario"], c["puerta"], c["transporte"])
        for hoja in dicho["procesos"]
        for c in hoja["conectados"]
    )


async def test_a_cualquiera_se_le_pregunta_por_todos(redis: str, tmp_path: Path) -> None:
    base = nueva_sqlite(tmp_path)
    with dos_servidores(tmp_path, DATABASE_URL=base, REDIS_URL=redis) as (uno, otro):
        async with como(uno, "ana"):
            with SocketIO.abrir(otro.puerto, "beto"):
                for servidor in (uno, otro):
                    dicho = await asyncio.to_thread(preguntar, servidor)
                    assert quienes(dicho) == [
                        ("ana", "nativa", "websocket"),
                        ("beto", "socketio", "websocket"),
                    ]
                    assert len({hoja["proceso"] for hoja in dicho["procesos"]}) == 2
                    assert dicho["callados"] == 0
                de_beto = await asyncio.to_thread(preguntar, uno, "--usuario", "beto")
                assert quienes(de_beto) == [("beto", "socketio", "websocket")]


async def test_sin_redis_se_le_pregunta_al_que_hay(tmp_path: Path) -> None:
    with Servidor(tmp_path) as servidor:
        assert quienes(await asyncio.to_thread(preguntar, servidor)) == []
        async with como(servidor, "ana"):
            salida = await asyncio.to_thread(servidor.orden, "conexiones", "--url", servidor.url)
            titulos, fila, total = salida.stdout.splitlines()
            assert titulos.startswith("usuario") and fila.startswith("ana")
            assert "nativa (websocket)" in fila and total == "Conexiones: 1. Procesos: 1."


def test_ni_sin_firma_ni_sin_permiso(servidor: Servidor) -> None:
    url = f"{servidor.url}/admin/conexiones/"
    mala = requests.get(url, headers={CABECERA: "conexiones:1:x"}, timeout=PACIENCIA)
    assert mala.status_code == 403
    nadie = requests.get(url, timeout=PACIENCIA, allow_redirects=False)
    assert nadie.status_code == 302 and "/admin/login/" in nadie.headers["Location"]
