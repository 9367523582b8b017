"""Las conexiones HTTP de uvicorn: quien no acaba de enviar, y quien no lee lo que pidió."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from mensajeria.puertas import entrada_http
from mensajeria.puertas.entrada_http import ALARGAR, ProtocoloHTTP
from mensajeria.puertas.uvicorn import ProtocoloWS
from tests.puertas.test_uvicorn import SALUDO

Aplicacion = Callable[[Any, Any, Any], Awaitable[None]]

A_MEDIAS = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na"


@asynccontextmanager
async def servir(
    aplicacion: Aplicacion, dual: bool = False
) -> AsyncIterator[tuple[int, ServerState]]:
    """El puerto, y lo que uvicorn sabe de sus conexiones; `dual`, también por IPv6."""
    config = uvicorn.Config(
        aplicacion, http=ProtocoloHTTP, ws=ProtocoloWS, lifespan="off", log_config=None
    )
    config.load()
    estado, bucle = ServerState(), asyncio.get_running_loop()
    enchufe = (
        socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        if dual
        else socket.create_server(("127.0.0.1", 0))
    )
    servidor = await bucle.create_server(
        lambda: ProtocoloHTTP(config=config, server_state=estado, app_state={}), sock=enchufe
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


async def test_quien_la_atiende_puede_darle_mas_tiempo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A una subida con poca cobertura, que no es una petición que no acaba."""
    monkeypatch.setattr(entrada_http, "SEGUNDOS_DE_CUERPO", 0.2)

    async def sin_prisa(scope: Any, receive: Any, send: Any) -> None:
        scope["extensions"][ALARGAR](30)
        while (await receive())["more_body"]:
            pass
        await _contestar(send, b"ya")

    async with servir(sin_prisa) as (puerto, _):
        lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
        escribe.write(A_MEDIAS)
        await asyncio.sleep(0.5)
        escribe.write(b"b" * 9)
        async with asyncio.timeout(5):
            assert (await lee.readuntil(b"\r\n\r\nya")).startswith(b"HTTP/1.1 400 ")
        escribe.close()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="esta máquina no tiene IPv6")
async def test_una_ipv4_que_llega_por_ipv6_es_la_misma() -> None:
    """Con `HOST=::`, y también la que un proxy pone en `X-Forwarded-For`."""
    visto: list[tuple[str, str]] = []

    async def apuntar(scope: Any, receive: Any, send: Any) -> None:
        visto.append((scope["type"], scope["client"][0]))
        if scope["type"] == "http":
            await _contestar(send, b"no")
        else:
            await receive()
            await send({"type": "websocket.close"})

    peticion = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    por = b"X-Forwarded-For: %b\r\n\r\n"
    async with servir(apuntar, dual=True) as (puerto, _):
        await _lo_que_recibe(puerto, peticion)
        for lista in (b"::ffff:203.0.113.9", b"[::FFFF:cb00:7109]:80, ::ffff:127.0.0.1"):
            await _lo_que_recibe(puerto, peticion[:-2] + por % lista)
            await _lo_que_recibe(puerto, SALUDO + por % lista)
    assert visto[0] == ("http", "127.0.0.1")
    assert visto[1:] == [("http", "203.0.113.9"), ("websocket", "203.0.113.9")] * 2


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
