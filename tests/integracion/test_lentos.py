"""Quien lee despacio, quien no contesta y quien se queda a medias no molestan a los demás."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import como, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import PACIENCIA, Servidor, firmar

pytestmark = pytest.mark.elige_base

TEXTO = "x" * 5000
MEGAS = 40


def _enmascarado(texto: str) -> bytes:
    """Un marco de texto de un cliente (RFC 6455, 5.2), con máscara de ceros."""
    datos = texto.encode()
    if len(datos) < 126:
        return bytes((0x81, 0x80 | len(datos))) + bytes(4) + datos
    return bytes((0x81, 0x80 | 126)) + len(datos).to_bytes(2, "big") + bytes(4) + datos


def _sin_leer(servidor: Servidor, camino: str, *marcos: str) -> socket.socket:
    """Un WebSocket que envía esos marcos y no lee nunca nada más."""
    enchufe = socket.socket()
    enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    enchufe.connect(("127.0.0.1", servidor.puerto))
    clave = base64.b64encode(os.urandom(16)).decode()
    lineas = (
        f"GET {camino} HTTP/1.1",
        f"Host: 127.0.0.1:{servidor.puerto}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {clave}",
        "Sec-WebSocket-Version: 13",
    )
    enchufe.sendall(("\r\n".join(lineas) + "\r\n\r\n").encode())
    assert enchufe.recv(12) == b"HTTP/1.1 101"
    for marco in marcos:
        enchufe.sendall(_enmascarado(marco))
    return enchufe


def _por_la_sencilla(servidor: Servidor) -> socket.socket:
    return _sin_leer(
        servidor,
        "/ws/mensajeria/",
        json.dumps({"evento": "autenticar", "datos": {"token": firmar("beto")}}),
    )


def _por_socketio(servidor: Servidor) -> socket.socket:
    return _sin_leer(
        servidor,
        "/socket.io/?EIO=4&transport=websocket",
        "40" + json.dumps({"token": firmar("beto")}),
    )


@pytest.mark.parametrize("abrir", [_por_la_sencilla, _por_socketio])
async def test_a_quien_no_lee_se_le_corta_y_nadie_lo_nota(tmp_path: Path, abrir: Any) -> None:
    with Servidor(tmp_path, EVENTOS_POR_SEGUNDO="100000") as uno:
        assert uno.proceso is not None
        vista = psutil.Process(uno.proceso.pid)
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(uno, "ana") as a:
            lento = await asyncio.to_thread(abrir, uno)
            await a.esperar("estado_usuario_cambiado", lambda d: d["conectado"])
            antes = vista.memory_info().rss
            maximo = antes
            for _ in range(MEGAS * 2):
                envios = [await a.enviar("enviar_mensaje", hola(conv, TEXTO)) for _ in range(100)]
                assert all(r["ok"] for r in await asyncio.gather(*envios))
                a.empujes.clear()
                maximo = max(maximo, vista.memory_info().rss)
                if not _conectado(vista, lento):
                    break
            # Se le cortó: el descriptor se soltó sin esperar a que el otro quiera.
            assert not _conectado(vista, lento)
            assert maximo - antes < 60 * 2**20
            await a.pedir("ping")
            lento.close()


def _conectado(vista: psutil.Process, lento: socket.socket) -> bool:
    puerto = lento.getsockname()[1]
    return any(c.raddr and c.raddr.port == puerto for c in vista.net_connections())


async def test_un_latido_contestado_cuenta_como_recibido_tambien_aqui(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto):
        acuse = await a.pedir("enviar_mensaje", hola(conv))
        cronometro = Cronometro()
        aviso = await a.esperar("mensaje_actualizado")
        assert (aviso["mensajeId"], aviso["estado"]) == (acuse["mensajeId"], "entregado")
        assert cronometro.segundos() < 2


async def test_lo_que_llega_al_reanudar_tambien_se_da_por_recibido(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        acuse = await a.pedir("enviar_mensaje", hola(conv))
        async with como(servidor, gente.beto) as b:
            await b.pedir("reanudar", {"cursores": {conv: acuse["secuenciaCambio"] - 1}})
            aviso = await a.esperar("mensaje_actualizado")
            assert (aviso["mensajeId"], aviso["estado"]) == (acuse["mensajeId"], "entregado")


async def test_cientos_que_van_y_vienen_no_dejan_rastro(tmp_path: Path) -> None:
    with Servidor(tmp_path) as uno:
        assert uno.proceso is not None
        vista = psutil.Process(uno.proceso.pid)

        def conexiones() -> list[Any]:
            return vista.net_connections("tcp")

        async def oleadas(cuantas: int) -> int:
            for _ in range(cuantas):
                todas = [como(uno, "ana" if i % 2 else "beto") for i in range(40)]
                await asyncio.gather(*(c.__aenter__() for c in todas))
                await asyncio.gather(*(c.__aexit__(None, None, None) for c in todas))
            async with asyncio.timeout(PACIENCIA):
                while any(c.laddr.port == uno.puerto and c.raddr for c in conexiones()):
                    await asyncio.sleep(0.1)
            # Las que van a la base, o su archivo, son de su reserva, que crece y mengua a su aire.
            de_la_base = sum(c.laddr.port != uno.puerto for c in conexiones())
            de_la_base += sum(".sqlite3" in archivo.path for archivo in vista.open_files())
            return vista.num_fds() - de_la_base

        # La primera tanda abre lo que los hilos conservan; las demás no deben sumar nada.
        primera = await oleadas(4)
        assert await oleadas(8) <= primera + 2
        async with como(uno, "ana") as a:
            assert (await a.pedir("obtener_estadisticas"))["totalSockets"] == 1
