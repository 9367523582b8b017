"""Dos procesos tras un proxy por turnos, sin afinidad: los tres transportes conectan siempre."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gente import Gente
from tests.integracion.conftest import capa, dos_servidores, nueva_conversacion
from tests.integracion.proxy import por_turnos
from tests.servicios import PACIENCIA, RAIZ, Servidor, firmar, nueva_base

pytestmark = pytest.mark.elige_base

TURNOS = Path(__file__).with_name("turnos.js")


@pytest.fixture(scope="module", params=os.environ.get("MOTORES", "redis").split())
def dos(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    redis_del_modulo: str,
    postgres: str,
) -> Iterator[tuple[Servidor, Servidor]]:
    carpeta = tmp_path_factory.mktemp("turnos")
    base = nueva_base(postgres)
    with (
        capa(request.param) as entorno,
        dos_servidores(carpeta, REDIS_URL=redis_del_modulo, DATABASE_URL=base, **entorno) as ambos,
    ):
        yield ambos


async def correr(url: str, transportes: str, conv: str, quien: str, *cuantos: int) -> Any:
    proceso = await asyncio.create_subprocess_exec(
        "node",
        str(TURNOS),
        url,
        transportes,
        conv,
        firmar(quien),
        *map(str, cuantos),
        stdout=asyncio.subprocess.PIPE,
        cwd=RAIZ,
        env={"NODE_PATH": str(RAIZ / "node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    salida, _ = await asyncio.wait_for(proceso.communicate(), 2 * PACIENCIA)
    return json.loads(salida)


@pytest.mark.parametrize("transportes", ["defecto", "polling", "websocket"])
async def test_doce_de_doce_y_ni_un_mensaje_perdido(
    dos: tuple[Servidor, Servidor], transportes: str, gente: Gente
) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, dos[0], gente.ana, gente.beto)
    async with por_turnos(dos[0].puerto, dos[1].puerto) as puerto:
        visto = await correr(f"http://127.0.0.1:{puerto}", transportes, conv, gente.ana, 12, 200)
    assert visto == {
        "conectados": 12,
        "fallidos": [],
        "acusados": 200,
        "vistos": 200,
        "enOrden": True,
        "cortes": [],
        "transportes": ["polling" if transportes == "polling" else "websocket"],
    }
