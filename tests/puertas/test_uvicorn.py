"""El WebSocket de uvicorn, por un socket de verdad: cede la conexión y no queda nada suyo."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from mensajeria.difusion.emision import Emision
from mensajeria.puertas.asgi import Respuesta, denegar
from mensajeria.puertas.directo import WebSocketDirecto
from mensajeria.puertas.entrada_http import ProtocoloHTTP
from mensajeria.puertas.tramas import de_evento, de_mensaje
from mensajeria.puertas.uvicorn import ProtocoloWS
from mensajeria.puertas.websocket import CEDER, tomar
from tests.puertas.test_tramas import del_cliente

SALUDO = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate%b\r\n"

Aplicacion = Callable[[Any, Any, Any], Awaitable[None]]


class Eco:
    """Devuelve cada mensaje; los WebSockets que sirvió quedan en `abiertos`."""

    def __init__(self) -> None:
        self.abiertos: list[WebSocketDirecto] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await self.antes(scope)
        await send({"type": "websocket.accept"})
        ws = tomar(scope, receive, send)
        assert isinstance(ws, WebSocketDirecto)
        self.abiertos.append(ws)
        await ws.atender(_Devuelve(ws))

    async def antes(self, scope: Any) -> None: ...


class Impaciencia:
    """Retiene el saludo de un cliente hasta que haya llegado lo que envió sin esperarlo."""

    def __init__(self) -> None:
        self.saludado = asyncio.Event()

    async def esperar(self, scope: Any) -> None:
        protocolo = scope["extensions"][CEDER].__self__
        self.saludado.set()
        async with asyncio.timeout(5):
            while not protocolo._temprano:
                await asyncio.sleep(0.01)


class _Devuelve:
    def __init__(self, ws: WebSocketDirecto) -> None:
        self.recibir = ws.decir

    def pong(self, carga: bytes) -> None: ...
    def perdida(self) -> None: ...


@asynccontextmanager
async def servir(aplicacion: Aplicacion, comprime: bool = False) -> AsyncIterator[Any]:
    """`(conectar, estado)`: abre clientes, y lo que uvicorn sabe de sus conexiones."""
    config = uvicorn.Config(
        aplicacion,
        ws=ProtocoloWS,
        ws_max_size=1000,
        ws_per_message_deflate=comprime,
        http=ProtocoloHTTP,
        lifespan="off",
        log_config=None,
    )
    config.load()
    estado, bucle = ServerState(), asyncio.get_running_loop()
    fabrica: Any = config.http_protocol_class
    servidor = await bucle.create_server(
        lambda: fabrica(config=config, server_state=estado, app_state={}), "127.0.0.1", 0
    )
    puerto = servidor.sockets[0].getsockname()[1]
    clientes: list[asyncio.StreamWriter] = []

    async def conectar(
        cabeceras: bytes = b"",
        detras: bytes = b"",
        cuando: asyncio.Event | None = None,
        contesta: bytes = b"101",
        saludo: bytes = SALUDO,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
        lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
        clientes.append(escribe)
        escribe.write(saludo + cabeceras + b"\r\n")
        async with asyncio.timeout(5):
            if cuando is not None:
                await cuando.wait()
                escribe.write(detras)
            respuesta = await lee.readuntil(b"\r\n\r\n")
        assert respuesta.startswith(b"HTTP/1.1 " + contesta)
        return lee, escribe, respuesta

    try:
        yield conectar, estado
    finally:
        for cliente in clientes:
            cliente.close()
        servidor.close()


async def _leer(lee: asyncio.StreamReader, cuantos: int) -> bytes:
    async with asyncio.timeout(5):
        return await lee.readexactly(cuantos)


async def test_eco_y_ping_entre_partes() -> None:
    async with servir(Eco()) as (conectar, _):
        lee, escribe, _ = await conectar()
        escribe.write(del_cliente(0x81, b"hola"))
        assert await _leer(lee, 6) == b"\x81\x04hola"
        escribe.write(del_cliente(0x01, b"ho") + del_cliente(0x89, b"p") + del_cliente(0x80, b"y"))
        assert await _leer(lee, 3 + 5) == b"\x8a\x01p" + b"\x81\x03hoy"
        escribe.write(del_cliente(0x82, b""))
        assert await _leer(lee, 2) == b"\x82\x00"


@pytest.mark.parametrize(
    ("trama", "codigo"),
    [
        (del_cliente(0x88, b"\x03\xe8"), b"\x03\xe8"),
        (del_cliente(0x81, b"\xff"), b"\x03\xef"),
        (del_cliente(0x81, b"a" * 1001), b"\x03\xf1"),
        (del_cliente(0x81, b"a", con_mascara=False), b"\x03\xea"),
    ],
)
async def test_el_cierre_y_el_fin_de_la_conexion(trama: bytes, codigo: bytes) -> None:
    async with servir(Eco()) as (conectar, estado):
        lee, escribe, _ = await conectar()
        escribe.write(trama)
        async with asyncio.timeout(5):
            todo = await lee.read()
        assert (todo[0], todo[2:4]) == (0x88, codigo)
        escribe.close()
        async with asyncio.timeout(5):
            while estado.connections:
                await asyncio.sleep(0.01)


async def test_quien_envia_sin_esperar_a_que_se_le_acepte() -> None:
    impaciencia = Impaciencia()

    class Despacio(Eco):
        async def antes(self, scope: Any) -> None:
            await impaciencia.esperar(scope)

    async with servir(Despacio()) as (conectar, _):
        lee, _, _ = await conectar(b"", del_cliente(0x81, b"ya"), impaciencia.saludado)
        assert await _leer(lee, 4) == b"\x81\x02ya"


@pytest.mark.parametrize(
    ("saludo", "contesta", "con"),
    [
        (SALUDO.replace(b"GET", b"POST"), b"405", b"allow: GET"),
        (SALUDO.replace(b"n: 13", b"n: 8"), b"426", b"sec-websocket-version: 13"),
        (SALUDO.replace(b"AAAA==", b"AAAA"), b"400", b""),
        (SALUDO.replace(b"AAAA==", b"=="), b"400", b""),
        (SALUDO.replace(b"Key", b"Kay"), b"400", b""),
        (SALUDO + b"Sec-WebSocket-Version: 13\r\n", b"400", b""),
        (SALUDO + DEFLATE % b"; no = se = lee", b"400", b""),
    ],
)
async def test_lo_que_no_es_un_saludo(saludo: bytes, contesta: bytes, con: bytes) -> None:
    eco = Eco()
    async with servir(eco, comprime=True) as (conectar, estado):
        lee, _, respuesta = await conectar(saludo=saludo, contesta=contesta)
        assert con in respuesta and respuesta.count(b"connection: close") == 1
        async with asyncio.timeout(5):
            await lee.read()
            while estado.connections or estado.tasks:
                await asyncio.sleep(0.01)
    assert eco.abiertos == []


async def test_el_saludo_se_contesta_como_dice_el_rfc_y_con_lo_primero_que_se_envia() -> None:
    class Saluda(Eco):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            assert (scope["path"], scope["query_string"]) == ("/ñ", b"a=1")
            assert scope["subprotocols"] == ["uno", "dos", "tres"]
            await receive()
            await send({"type": "websocket.accept", "subprotocol": "dos"})
            tomar(scope, receive, send).decir("hola")

    async with servir(Saluda()) as (conectar, _):
        pide = SALUDO.replace(b"/ ", b"/%C3%B1?a=1 ").replace(b"A" * 22, b"dGhlIHNhbXBsZSBub25jZQ")
        varios = b"Sec-WebSocket-Protocol: uno, dos\r\nSec-WebSocket-Protocol: tres\r\n"
        lee, _, respuesta = await conectar(varios, saludo=pide)
        # El ejemplo de la RFC 6455, 1.3.
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in respuesta
        assert b"Sec-WebSocket-Protocol: dos\r\n" in respuesta
        assert await _leer(lee, 6) == b"\x81\x04hola"


@pytest.mark.parametrize("como", ["cierra", "contesta", "vuelve", "falla"])
async def test_lo_que_la_aplicacion_no_acepta(como: str) -> None:
    async def aplicacion(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if como == "cierra":
            await send({"type": "websocket.close", "code": 1008})
        elif como == "contesta":
            await denegar(scope, receive, send, Respuesta(403, "no", reintentar_en=7))
        elif como == "falla":
            raise ZeroDivisionError

    async with servir(aplicacion) as (conectar, estado):
        rechaza = b"403" if como in ("cierra", "contesta") else b"500"
        lee, _, respuesta = await conectar(contesta=rechaza)
        async with asyncio.timeout(5):
            cuerpo = await lee.read()
            while estado.connections or estado.tasks:
                await asyncio.sleep(0.01)
        if como == "contesta":
            assert b"retry-after: 7" in respuesta and cuerpo == b"no"


async def test_a_quien_aun_saluda_cuando_el_servidor_termina_se_le_dice_503() -> None:
    saludado = asyncio.Event()

    class NoAcaba(Eco):
        async def antes(self, scope: Any) -> None:
            saludado.set()
            await asyncio.Event().wait()

    async with servir(NoAcaba()) as (conectar, estado):
        entra = asyncio.create_task(conectar(contesta=b"503"))
        await saludado.wait()
        for conexion in list(estado.connections):
            conexion.shutdown()
        _, _, respuesta = await entra
        assert b"retry-after: 5" in respuesta
        for tarea in estado.tasks:
            tarea.cancel()


async def test_si_la_aplicacion_falla_la_conexion_termina(caplog: Any) -> None:
    class Rota(Eco):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            tomar(scope, receive, send)
            raise ZeroDivisionError

    async with servir(Rota()) as (conectar, estado):
        lee, _, _ = await conectar()
        async with asyncio.timeout(5):
            assert await lee.read() == b""
            while estado.connections:
                await asyncio.sleep(0.01)
    assert "ZeroDivisionError" in caplog.text


async def test_abierta_no_tiene_tarea_ni_quedan_restos_del_saludo() -> None:
    eco = Eco()
    async with servir(eco) as (conectar, estado):
        gc.collect()
        gc.disable()
        try:
            await conectar()
            async with asyncio.timeout(5):
                while estado.tasks:
                    await asyncio.sleep(0.01)
            assert estado.connections == set(eco.abiertos)
            suyos = (ProtocoloWS, ProtocoloHTTP)
            assert [o for o in gc.get_objects() if type(o) in suyos] == []
        finally:
            gc.enable()


async def test_un_evento_se_comprime_una_vez_para_todos_los_que_lo_acordaron() -> None:
    eco, hechos = Eco(), list[str]()

    def marco(evento: str, datos: bytes) -> str:
        hechos.append(evento)
        return datos.decode()

    async with servir(eco, comprime=True) as (conectar, _):
        pedidos = (b"", b"; client_max_window_bits", b"; server_max_window_bits=10")
        clientes = [await conectar(), *[await conectar(DEFLATE % pedido) for pedido in pedidos]]
        assert all(b"server_no_context_takeover" in r for *_, r in clientes[1:])
        assert [ws.ventana for ws in eco.abiertos] == [0, 12, 12, 10]
        emision, texto = Emision("e", b"hola " * 50), "hola " * 50
        for ws in eco.abiertos:
            ws.escribir(emision.marcos[de_evento(marco, ws.ventana)])
        assert hechos == ["e"] * 3
        for (lee, _, _), ventana in zip(clientes, (0, 12, 12, 10), strict=True):
            trama = de_mensaje(texto, ventana)
            assert await _leer(lee, len(trama)) == trama


async def test_lo_que_un_cliente_comprime_se_lee() -> None:
    async with servir(Eco(), comprime=True) as (conectar, _):
        lee, escribe, _ = await conectar(DEFLATE % b"")
        comprimida = de_mensaje("hola " * 50, 12)
        for _ in range(2):
            escribe.write(del_cliente(0xC1, comprimida[2:]))
            assert await _leer(lee, len(comprimida)) == comprimida
