"""Los clientes de Socket.IO publicados, viejos y nuevos, entran, hablan y vuelven tras un reinicio.

Todos los de una biblioteca van en un proceso: lo que tarda es arrancarlo.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integracion.conftest import nueva_conversacion, revisar_registro
from tests.servicios import PACIENCIA, RAIZ, Servidor, firmar

AQUI = Path(__file__).parent
# La arma `make test`: dos versiones de un mismo paquete no caben en un entorno.
PYTHON_SOCKETIO_5_5 = RAIZ / ".clientes" / "python-socketio-5.5"
TRANSPORTES = ("", "polling", "websocket")
DE_NPM = {f"socket.io-client-{v}": v for v in ("3.1", "4.0", "4.4", "4.7")} | {
    "socket.io-client": "4.8"
}


def de_npm() -> dict[str, tuple[str, str]]:
    return {f"{v} {t}": (modulo, t) for modulo, v in DE_NPM.items() for t in TRANSPORTES}


def de_python() -> dict[str, tuple[str, str]]:
    return {f"{clase} {t}": (clase, t) for clase in ("Client", "AsyncClient") for t in TRANSPORTES}


class Clientes:
    """Los de un proceso, y hasta qué vuelta llegó cada uno."""

    def __init__(self, orden: list[str], clientes: dict[str, tuple[str, str]], **entorno: str):
        self._orden, self._clientes, self._entorno = orden, clientes, entorno
        self._vueltas: dict[str, int] = {}
        self.por: dict[str, str] = {}

    async def arrancar(self, pedido: dict[str, Any]) -> None:
        self._proceso = await asyncio.create_subprocess_exec(
            *self._orden,
            json.dumps(pedido | {"clientes": self._clientes}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **self._entorno},
        )

    async def hasta(self, vuelta: int) -> None:
        """Espera a que todos la hayan dado."""
        assert self._proceso.stdout is not None
        try:
            async with asyncio.timeout(PACIENCIA):
                while self.faltan(vuelta):
                    visto = json.loads(await self._proceso.stdout.readline())
                    self._vueltas[visto["cliente"]] = visto["vuelta"]
                    self.por[visto["cliente"]] = visto["por"]
        except TimeoutError:
            pytest.fail(f"{self._orden}: no llegaron a la vuelta {vuelta}: {self.faltan(vuelta)}")

    def faltan(self, vuelta: int) -> list[str]:
        return [c for c in self._clientes if self._vueltas.get(c, 0) < vuelta]

    async def terminar(self) -> None:
        """De golpe: los hilos de un cliente síncrono tardarían en irse."""
        if self._proceso.returncode is None:
            self._proceso.kill()
        await self._proceso.wait()


@pytest.mark.elige_base
async def test_entran_y_vuelven(tmp_path: Path) -> None:
    if not PYTHON_SOCKETIO_5_5.is_dir():
        pytest.fail(f"Falta {PYTHON_SOCKETIO_5_5}: lo arma «make test»")
    python = [sys.executable, "-W", "ignore", str(AQUI / "clientes.py")]
    antes = [str(PYTHON_SOCKETIO_5_5), os.environ.get("PYTHONPATH", "")]
    todos = [
        Clientes(["node", str(AQUI / "clientes.js")], de_npm()),
        Clientes(python, de_python()),
        Clientes(python, de_python(), PYTHONPATH=os.pathsep.join(filter(None, antes))),
    ]
    with Servidor(tmp_path) as uno:
        pedido = {
            "url": uno.url,
            "conversacionId": nueva_conversacion(uno, "ana", "beto"),
            "usuarioId": "ana",
            "token": firmar("ana"),
        }
        await asyncio.gather(*(c.arrancar(pedido) for c in todos))
        try:
            await asyncio.gather(*(c.hasta(1) for c in todos))
            await asyncio.to_thread(uno.parar)
            await asyncio.to_thread(uno.arrancar)
            await asyncio.gather(*(c.hasta(2) for c in todos))
        finally:
            await asyncio.gather(*(c.terminar() for c in todos))
    revisar_registro(uno.registro)
    for clientes in todos:
        for nombre, por in clientes.por.items():
            transporte = nombre.partition(" ")[2]
            assert por == transporte or not transporte, nombre
