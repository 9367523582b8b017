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
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import uvicorn
from websockets.asyncio.client import connect

from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.puertas.engineio.paquetes import Ajustes
from mensajeria.puertas.engineio.puerta import PuertaEngineIO
from mensajeria.puertas.entrada_http import ProtocoloHTTP
from mensajeria.puertas.socketio.cliente import AcuseSocketIO, ClienteSocketIO, ConexionSocketIO
from mensajeria.puertas.uvicorn import ProtocoloWS
from mensajeria.sesion.conexion import Peticion
from tests.apoyo_socketio import acusar, codificar_evento, cortar

GUION = Path(__file__).with_name("cliente_real.js")
SIN_CLIENTE = not shutil.which("node") or bool(
    subprocess.run(["node", "-e", "require('socket.io-client')"], capture_output=True).returncode
)


class Aplicacion:
    def __init__(self, conexion: ConexionSocketIO) -> None:
        self.conexion = conexion

    def conectar(self, auth: dict[str, Any] | None) -> None:
        if (auth or {}).get("token") == "malo":
            self.conexion.rechazar("Token inválido", {"code": "AUTH_INVALID"})
        else:
            self.conexion.aceptar()

    def recibir(self, peticion: Peticion) -> None:
        if isinstance(peticion.responder, AcuseSocketIO):
            acusar(self.conexion, peticion.responder, *peticion.argumentos)
        elif peticion.evento == "emitir":
            self.emitir(*peticion.argumentos)
        elif peticion.evento == "cortar":
            cortar(self.conexion, "prueba")
        elif peticion.evento == "despedir":
            self.emitir("adios")
            self.conexion.cerrar("prueba")

    def negar(self, peticion: Peticion, error: ErrorMensajeria) -> None:
        if peticion.responder is not None:
            peticion.responder(b'{"ok":false}')

    def ping_enviado(self) -> None: ...
    def ping_contestado(self) -> None: ...
    def desconectada(self, motivo: str = "") -> None: ...

    def emitir(self, nombre: str, *argumentos: Any) -> None:
        for marco in codificar_evento(nombre, argumentos):
            self.conexion.enviar(marco)


def puerta_de_prueba(ajustes: Ajustes | None = None) -> PuertaEngineIO:
    return PuertaEngineIO(
        lambda sesion: ClienteSocketIO(sesion, Aplicacion), lambda _: True, ajustes
    )


# Los del producto, y solo ASGI.
PROTOCOLOS: list[Any] = [(ProtocoloHTTP, ProtocoloWS), ("httptools", "websockets-sansio")]


def uvicorn_de_produccion(puerta: PuertaEngineIO, protocolo: Any) -> uvicorn.Server:
    """uvicorn como lo arranca el producto: sin compresión y con su límite."""
    config = uvicorn.Config(
        puerta,
        http=protocolo[0],
        ws=protocolo[1],
        ws_per_message_deflate=False,
        ws_max_size=1_000_000,
        lifespan="off",
        log_level="warning",
    )
    return uvicorn.Server(config)


@pytest.fixture(scope="module", params=PROTOCOLOS, ids=["directo", "asgi"])
def servidor(request: pytest.FixtureRequest) -> Iterator[tuple[str, PuertaEngineIO]]:
    # Muchos latidos, y un plazo que también da una máquina ocupada.
    ajustes = Ajustes(intervalo_ping=0.3, plazo_pong=5.0)
    puerta = puerta_de_prueba(ajustes)
    enchufe = socket.create_server(("127.0.0.1", 0))
    uvicorn_servidor = uvicorn_de_produccion(puerta, request.param)
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
    servidor: tuple[str, PuertaEngineIO], transportes: str, final: str
) -> None:
    proceso = subprocess.run(
        ["node", GUION, servidor[0], transportes], capture_output=True, text=True, timeout=60
    )

    assert proceso.stderr == ""
    assert json.loads(proceso.stdout) == {
        "mil_acks_en_orden": True,
        "transporte": final,
        "binario": [1, 2, 3],
        "texto": "ñ€😀\u202e\u2028",
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
def test_python_socketio(servidor: tuple[str, PuertaEngineIO], transportes: list[str]) -> None:
    socketio = pytest.importorskip("socketio")

    async def prueba() -> None:
        cliente = socketio.AsyncClient(reconnection=False)
        await cliente.connect(servidor[0], transports=transportes, auth={"token": "x"})
        assert await cliente.call("eco", {"a": [1, "ñ", b"x"]}) == {"a": [1, "ñ", b"x"]}
        for n in range(10):
            assert await cliente.call("eco", n) == n
        await cliente.disconnect()

    asyncio.run(asyncio.wait_for(prueba(), 10))


def test_las_sesiones_terminan(servidor: tuple[str, PuertaEngineIO]) -> None:
    limite = time.monotonic() + 30
    while len(servidor[1].sesiones) and time.monotonic() < limite:
        time.sleep(0.05)

    assert len(servidor[1].sesiones) == 0


@pytest.mark.parametrize("protocolo", PROTOCOLOS, ids=["directo", "asgi"])
def test_el_apagado_no_espera_a_los_sondeos(protocolo: Any) -> None:
    async def prueba() -> None:
        puerta = puerta_de_prueba()
        enchufe = socket.create_server(("127.0.0.1", 0))
        url = f"127.0.0.1:{enchufe.getsockname()[1]}/socket.io/?EIO=4&transport="
        uvicorn_servidor = uvicorn_de_produccion(puerta, protocolo)
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
            await puerta.apagar()
            assert (await pendiente).startswith("400 ")
            await ws.wait_closed()
            assert ws.close_code == 1012
        uvicorn_servidor.should_exit = True
        await marcha

    asyncio.run(asyncio.wait_for(prueba(), 5))


def leer_url(url: str) -> str:
    try:
        with urlopen(url, timeout=5) as respuesta:
            return str(respuesta.read().decode())
    except HTTPError as error:
        return f"{error.code} {error.read().decode()}"
