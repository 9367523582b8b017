"""De la trama a cada conexión, con los mismos ids; y `manage.py mensaje` lo cuenta."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integracion.cliente import como
from tests.integracion.conftest import dos_servidores, nueva_conversacion
from tests.servicios import PACIENCIA, Servidor, nueva_sqlite

pytestmark = pytest.mark.elige_base


def anotado(servidor: Servidor) -> list[dict[str, Any]]:
    lineas = map(json.loads, servidor.registro.read_text().splitlines())
    return [d for d in lineas if d["registro"] == "mensajeria.rastro"]


async def test_el_rastro_va_del_envio_a_cada_conexion(redis: str, tmp_path: Path) -> None:
    entorno = {"REDIS_URL": redis, "RASTRO": "1", "LOG_FORMATO": "json"}
    with dos_servidores(tmp_path, DATABASE_URL=nueva_sqlite(tmp_path), **entorno) as (uno, otro):
        conv = await asyncio.to_thread(nueva_conversacion, uno, "ana", "beto")
        async with como(otro, "beto") as beto:
            respuesta = await asyncio.to_thread(
                requests.post,
                f"{uno.url}/api/mensajeria/conversaciones/{conv}/mensajes/",
                json={"contenido": {"texto": "hola"}},
                headers={
                    "Authorization": f"Bearer {uno.token('ana')}",
                    "X-Request-ID": "la-del-proxy",
                },
                timeout=PACIENCIA,
            )
            assert respuesta.headers["X-Request-ID"] == "la-del-proxy"
            id_ = respuesta.json()["_id"]
            await beto.esperar("nuevo_mensaje")
            salida = await asyncio.to_thread(
                lambda: (
                    uno.orden(
                        *("mensaje", id_, "--url", uno.url),
                        *("--registro", str(uno.registro), "--registro", str(otro.registro)),
                    ).stdout
                )
            )
        de_uno, de_otro = anotado(uno), anotado(otro)
    [confirmado] = [d for d in de_uno if d["dicho"] == "confirmado"]
    assert confirmado["mensaje"] == id_
    [contestado] = [d for d in de_uno if d["dicho"] == "contestado"]
    assert (contestado["mensaje"], contestado["peticion"]) == (id_, "la-del-proxy")
    suyo = confirmado["conversacion"], confirmado["cambio"]
    publicados = [d for d in de_uno if d["dicho"] == "publicado"]
    assert suyo in [(d["conversacion"], d.get("cambio")) for d in publicados]
    [dado] = [d for d in de_otro if d["dicho"] == "dado" and d["evento"] == "nuevo_mensaje"]
    assert (dado["conversacion"], dado["cambio"]) == suyo
    assert dado["usuario"] == "beto" and dado["conexion"]
    for dicho in ("confirmado", "contestado", "publicado", "dado", "beto", "conectado por nativa"):
        assert dicho in salida
