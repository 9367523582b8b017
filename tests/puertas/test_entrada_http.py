"""Las conexiones HTTP de uvicorn: quien no acaba de enviar, y quien no lee lo que pidió."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from mensajeria.puertas import entrada_http
from mensajeria.puertas.entrada_http import ProtocoloHTTP

Aplicacion = Callable[[Any, Any, Any], Awaitable[None]]

A_MEDIAS = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na"


@asynccontextmanager
async def servir(aplicacion: Aplicacion) -> AsyncIterator[tuple[int, ServerState]]:
    """El puerto, y lo que uvicorn sabe de sus conexiones."""
    config = uvicorn.Config(aplicacion, http=ProtocoloHTTP, lifespan="off", log_config=None)
    config.load()
    estado, bucle = ServerState(), asyncio.get_running_loop()
    servidor = await bucle.create_server(
        lambda: ProtocoloHTTP(config=config, server_state=estado, app_state={}), "127.0.0.1", 0
    )
    try:
        yield servidor.sockets[0].getsockname()[1], estado
    finally:
        servidor.close()


async def _lo_que_recibe(puerto: int, envia: bytes) -> bytes:
    lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
    try:
        escribe.write(envia)
        async with asyncio.timeout(5):
            return await lee.read()
    finally:
        escribe.close()


async def _contestar(send: Any, *partes: bytes) -> None:
    largo = b"%d" % sum(map(len, partes))
    cabeceras = [(b"content-length", largo)]
    await send({"type": "http.response.start", "status": 400, "headers": cabeceras})
    for n, parte in enumerate(partes, 1):
        sigue = n < len(partes)
        await send({"type": "http.response.body", "body": parte, "more_body": sigue})


async def test_al_cuerpo_que_no_acaba_se_le_despide_lo_lea_quien_lo_lea(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(entrada_http, "SEGUNDOS_DE_CUERPO", 0.2)
    visto: list[str] = []

    async def lo_espera(scope: Any, receive: Any, send: Any) -> None:
        while (mensaje := await receive())["type"] == "http.request" and mensaje["more_body"]:
            pass
        visto.append(mensaje["type"])
        await _contestar(send, b"tarde")

    async with servir(lo_espera) as (puerto, _):
        assert (await _lo_que_recibe(puerto, A_MEDIAS)).startswith(b"HTTP/1.1 408 ")
    assert visto == ["http.disconnect"]
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []

    async def ni_lo_mira(scope: Any, receive: Any, send: Any) -> None:
        await _contestar(send, b"no")

    async with servir(ni_lo_mira) as (puerto, estado):
        recibido = await _lo_que_recibe(puerto, A_MEDIAS)
        assert recibido.startswith(b"HTTP/1.1 400 ") and recibido.endswith(b"\r\n\r\nno")
        # El que llega entero no tiene plazo para lo que venga después.
        lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
        for _ in range(2):
            escribe.write(A_MEDIAS + b"b" * 9)
            async with asyncio.timeout(5):
                await lee.readuntil(b"\r\n\r\nno")
            await asyncio.sleep(0.3)
        assert len(estado.connections) == 1
        escribe.close()


async def test_a_quien_no_lee_la_respuesta_se_le_corta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrada_http, "SEGUNDOS_SIN_LEER", 0.5)
    acabada = asyncio.Event()

    async def mucho(scope: Any, receive: Any, send: Any) -> None:
        await _contestar(send, *[b"a" * 1_000_000] * 20)
        acabada.set()

    async with servir(mucho) as (puerto, estado):
        lee, escribe = await asyncio.open_connection("127.0.0.1", puerto, limit=1000)
        escribe.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            await acabada.wait()
        assert not estado.connections
        escribe.close()
        # Quien lee lo recibe entero.
        lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
        escribe.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(10):
            await lee.readuntil(b"\r\n\r\n")
            for _ in range(20):
                await lee.readexactly(1_000_000)
        escribe.close()
