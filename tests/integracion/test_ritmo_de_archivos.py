"""Lo que gastan los archivos contra un servidor de verdad: mensajes, lecturas y espera."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import psutil
import pytest
import requests
import socketio

from tests.integracion.cliente import Rechazo, como
from tests.integracion.conftest import nueva_conversacion, revisar_registro
from tests.integracion.test_archivos import MEGA, A, _a_medias, _con, publicar
from tests.servicios import PACIENCIA, Servidor

pytestmark = pytest.mark.elige_base


async def test_lo_que_lleva_un_archivo_no_gasta_los_mensajes_del_minuto(tmp_path: Path) -> None:
    """Ya pagó al subirse: por las dos puertas y por REST, y un texto detrás sale."""
    with Servidor(tmp_path, MENSAJES_POR_MINUTO="1", ARCHIVOS_POR_MINUTO="7") as uno:
        conv = nueva_conversacion(uno, "ana", "beto")
        estados = [publicar(uno, "ana", b"%d" % n, "a.txt").json() for n in range(7)]
        pedidos = [
            {"conversacionId": conv, "contenido": {"archivo": {"id": subido["_id"]}}}
            for subido in estados
        ]
        async with como(uno, "ana") as ana:
            for pedido in pedidos[:2]:
                await ana.pedir("enviar_mensaje", pedido)
            nodo = socketio.AsyncClient()
            await nodo.connect(uno.url, auth={"token": uno.token("ana")})
            for pedido in pedidos[2:4]:
                acuse = await nodo.call("enviar_mensaje", pedido, timeout=PACIENCIA)
                assert acuse["ok"], acuse
            await nodo.disconnect()
            camino = f"{uno.url}/api/mensajeria/conversaciones/{conv}/mensajes/"
            for pedido in pedidos[4:6]:
                enviado = await asyncio.to_thread(
                    requests.post,
                    camino,
                    json={"contenido": pedido["contenido"]},
                    headers=_con(uno, "ana"),
                    timeout=PACIENCIA,
                )
                assert enviado.status_code == 201, enviado.text
            texto = {"conversacionId": conv, "contenido": {"texto": "y esto"}}
            await ana.pedir("enviar_mensaje", texto)
            with pytest.raises(Rechazo, match="RATE_LIMITED"):
                await ana.pedir("enviar_mensaje", texto)
            await ana.pedir("enviar_mensaje", pedidos[6])
    revisar_registro(uno.registro)


def test_a_quien_no_le_queda_se_le_dice_sin_esperar_a_que_lo_suba(tmp_path: Path) -> None:
    with Servidor(tmp_path, ARCHIVOS_POR_MINUTO="1") as uno:
        assert publicar(uno, "ana", b"hola", "a.txt").status_code == 201
        with _a_medias(uno, "ana", 5 * MEGA, MEGA) as enchufe:
            enchufe.settimeout(PACIENCIA)
            assert enchufe.recv(65_536).startswith(b"HTTP/1.1 429 ")
            # Y quien no lee hasta que acaba, también lo lee.
            with contextlib.suppress(ConnectionError):
                enchufe.sendall(b"x" * 4 * MEGA + b"\r\n--frontera--\r\n")
        entera = publicar(uno, "ana", b"x" * (9 * MEGA), "a.txt")
        assert (entera.status_code, entera.json()["code"]) == (429, "RATE_LIMITED")
    revisar_registro(uno.registro)


def test_a_quien_se_va_no_se_le_lee_el_resto(tmp_path: Path) -> None:
    with Servidor(tmp_path) as uno:
        grande = publicar(uno, "ana", b"x" * (9 * MEGA), "a.txt").json()
        proceso = psutil.Process(uno.proceso.pid)  # type: ignore[union-attr]
        antes = proceso.io_counters().read_chars
        for _ in range(10):
            with socket.socket() as enchufe:
                enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                enchufe.settimeout(PACIENCIA)
                enchufe.connect(("127.0.0.1", uno.puerto))
                enchufe.sendall(f"GET {grande['url']} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                assert enchufe.recv(12) == b"HTTP/1.1 200"
        # Detrás, otro entero: los de antes ya no están.
        assert len(requests.get(uno.url + grande["url"], timeout=PACIENCIA).content) == 9 * MEGA
        assert requests.get(uno.url + A, headers=_con(uno, "ana"), timeout=PACIENCIA).ok
        assert proceso.io_counters().read_chars - antes < 60 * MEGA
    revisar_registro(uno.registro)
