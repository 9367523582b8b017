"""socket.io-client y el cliente de python-socketio, sin modificar, contra uvicorn de verdad.

`socket.io-client` 4.8 se busca en ``NODE_PATH`` (``npm i socket.io-client@4.8`` fuera de aquí).
"""

import asyncio
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import uvicorn
from websockets.asyncio.client import connect

from mensajeria.consumers.socketio import Conexion, PuertaSocketIO, Respondedor
from mensajeria.transporte.engineio import Ajustes
from mensajeria.transporte.socketio import codificar_evento

GUION = Path(__file__).with_name("cliente_real.js")
SIN_CLIENTE = not shutil.which("node") or bool(
    subprocess.run(["node", "-e", "require('socket.io-client')"], capture_output=True).returncode
)


class Aplicacion:
    def __init__(self, conexion: Conexion) -> None:
        self.conexion = conexion

    def conectar(self, auth: dict[str, Any] | None) -> None:
        if (auth or {}).get("token") == "malo":
            self.conexion.rechazar("Token inválido", {"code": "AUTH_INVALID"})
        else:
            self.conexion.aceptar()

    def evento(self, nombre: str, argumentos: list[Any], responder: Respondedor | None) -> None:
        if responder is not None:
            responder.con_valores(*argumentos)
        elif nombre == "emitir":
            self.emitir(*argumentos)
        elif nombre == "cortar":
            self.conexion.cortar("prueba")
        elif nombre == "despedir":
            self.emitir("adios")
            self.conexion.cerrar("prueba")

    def evento_ilegible(self, nombre: str | None, responder: Respondedor | None) -> None:
        if responder is not None:
            responder(b'{"ok":false}')

    def latido(self, confirmados: int) -> None:
        pass

    def desconectado(self, motivo: str) -> None:
        pass

    def emitir(self, nombre: str, *argumentos: Any) -> None:
        for marco in codificar_evento(nombre, argumentos):
            self.conexion.enviar_marco(marco)


def uvicorn_de_produccion(puerta: PuertaSocketIO) -> uvicorn.Server:
    """uvicorn como lo arranca el producto: WebSocket sans-I/O, sin compresión y con su límite."""
    config = uvicorn.Config(
        puerta,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=1_000_000,
        lifespan="off",
        log_level="warning",
    )
    return uvicorn.Server(config)


@pytest.fixture(scope="module")
def servidor() -> Iterator[tuple[str, PuertaSocketIO]]:
    ajustes = Ajustes(intervalo_ping=0.3, plazo_pong=1.0)
    puerta = PuertaSocketIO(Aplicacion, lambda _: True, ajustes)
    enchufe = socket.create_server(("127.0.0.1", 0))
    uvicorn_servidor = uvicorn_de_produccion(puerta)
    hilo = threading.Thread(target=uvicorn_servidor.run, kwargs={"sockets": [enchufe]})
    hilo.start()
    while not uvicorn_servidor.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{enchufe.getsockname()[1]}", puerta
    uvicorn_servidor.should_exit = True
    hilo.join(10)


@pytest.mark.skipif(SIN_CLIENTE, reason="no hay node con socket.io-client en NODE_PATH")
@pytest.mark.parametrize(
    "transportes, final",
    [("polling,websocket", "websocket"), ("polling", "polling"), ("websocket", "websocket")],
)
def test_socket_io_client(
    servidor: tuple[str, PuertaSocketIO], transportes: str, final: str
) -> None:
    proceso = subprocess.run(
        ["node", GUION, servidor[0], transportes], capture_output=True, text=True, timeout=30
    )

    assert proceso.stderr == ""
    assert json.loads(proceso.stdout) == {
        "mil_acks_en_orden": True,
        "transporte": final,
        "binario": [1, 2, 3],
        "texto": "ñ€😀\u202e\u0000\u2028\u001e",
        "ilegible": {"ok": False},
        "emitido": [{"a": 1}],
        "cortar": "transport close",
        "reconecta": 1,
        "despedir": ["adios", "io server disconnect"],
        "sigue_despedido": True,
        "rechazo": {"message": "Token inválido", "data": {"code": "AUTH_INVALID"}},
        "espacio": "Invalid namespace",
    }


@pytest.mark.parametrize("transportes", [["polling", "websocket"], ["polling"], ["websocket"]])
def test_python_socketio(servidor: tuple[str, PuertaSocketIO], transportes: list[str]) -> None:
    socketio = pytest.importorskip("socketio")

    async def prueba() -> None:
        cliente = socketio.AsyncClient(reconnection=False)
        await cliente.connect(servidor[0], transports=transportes, auth={"token": "x"})
        assert await cliente.call("eco", {"a": [1, "ñ", b"x"]}) == {"a": [1, "ñ", b"x"]}
        for n in range(10):
            assert await cliente.call("eco", n) == n
        await cliente.disconnect()

    asyncio.run(asyncio.wait_for(prueba(), 10))


def test_las_sesiones_terminan(servidor: tuple[str, PuertaSocketIO]) -> None:
    limite = time.monotonic() + 3
    while len(servidor[1].canales) and time.monotonic() < limite:
        time.sleep(0.05)

    assert len(servidor[1].canales) == 0


def test_el_apagado_no_espera_a_los_sondeos() -> None:
    async def prueba() -> None:
        puerta = PuertaSocketIO(Aplicacion, lambda _: True)
        enchufe = socket.create_server(("127.0.0.1", 0))
        url = f"127.0.0.1:{enchufe.getsockname()[1]}/socket.io/?EIO=4&transport="
        uvicorn_servidor = uvicorn_de_produccion(puerta)
        marcha = asyncio.ensure_future(uvicorn_servidor.serve(sockets=[enchufe]))
        while not uvicorn_servidor.started:
            await asyncio.sleep(0.01)
        apertura = await asyncio.to_thread(leer_url, f"http://{url}polling")
        sid = json.loads(apertura[1:])["sid"]
        async with connect(f"ws://{url}websocket") as ws:
            await ws.recv()
            sondeo = asyncio.to_thread(leer_url, f"http://{url}polling&sid={sid}")
            pendiente = asyncio.ensure_future(sondeo)
            await asyncio.sleep(0.1)
            await puerta.despedir()
            assert await pendiente == "1"
            await ws.wait_closed()
            assert ws.close_code == 1012
        uvicorn_servidor.should_exit = True
        await marcha

    asyncio.run(asyncio.wait_for(prueba(), 5))


def leer_url(url: str) -> str:
    with urlopen(url, timeout=5) as respuesta:
        return str(respuesta.read().decode())
