"""La puerta sencilla, de la apertura al cierre, sin red ni base."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mensajeria.entre_procesos import aforo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.nodo import Nodo
from mensajeria.protocolo.tipos import MAX_MARCO
from mensajeria.puertas.nativa.puerta import PuertaNativa


class Cable:
    """Un cliente de la puerta, ya abierto; `fallo` es lo que pasa al enviarle."""

    def __init__(self, puerta: PuertaNativa) -> None:
        self.entrada: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.salida: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.fallo: Exception | None = None
        self.lee = asyncio.Event()
        self.lee.set()
        scope: dict[str, Any] = {"client": ("10.0.0.9", 1), "headers": [], "query_string": b""}
        self.entrada.put_nowait({"type": "websocket.connect"})
        self.tarea = asyncio.ensure_future(puerta(scope, self.entrada.get, self._send))

    async def _send(self, mensaje: dict[str, Any]) -> None:
        await self.lee.wait()
        if self.fallo is not None:
            raise self.fallo
        self.salida.put_nowait(mensaje)

    def enviar(self, trama: str | bytes) -> None:
        clave = "bytes" if isinstance(trama, bytes) else "text"
        self.entrada.put_nowait({"type": "websocket.receive", clave: trama})

    async def mensaje(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.salida.get(), 2)

    async def trama(self) -> Any:
        return json.loads((await self.mensaje())["text"])

    async def abierto(self) -> None:
        assert (await self.mensaje())["type"] == "websocket.accept"

    async def fin(self) -> None:
        await asyncio.wait_for(self.tarea, 2)


@pytest.fixture
def nodo() -> Nodo:
    return Nodo()


async def test_pide_y_se_le_contesta_hasta_que_se_va(nodo: Nodo) -> None:
    cable = Cable(PuertaNativa(nodo))
    await cable.abierto()
    cable.enviar('{"evento":"ping","id":7}')
    assert (await cable.trama())["evento"] == "pong"
    assert (await cable.trama())["id"] == 7
    cable.enviar("no es JSON")
    assert (await cable.trama())["datos"]["code"] == "VALIDATION_ERROR"
    cable.enviar('{"evento":"obtener_estadisticas"}')
    assert (await cable.trama())["datos"]["code"] == "AUTH_REQUIRED"
    cable.entrada.put_nowait({"type": "websocket.disconnect", "code": 1005})
    await cable.fin()
    assert cable.salida.empty()


@pytest.mark.parametrize("trama", ["ñ" * (MAX_MARCO // 2 + 1), b"x" * (MAX_MARCO + 1)])
async def test_el_limite_de_una_trama_se_cuenta_en_bytes(nodo: Nodo, trama: str | bytes) -> None:
    cable = Cable(PuertaNativa(nodo))
    await cable.abierto()
    cable.enviar(trama)
    assert await cable.mensaje() == {"type": "websocket.close", "code": 1009}
    await cable.fin()


async def test_la_que_no_cabe_lo_sabe_y_su_sitio_se_libera(nodo: Nodo, settings: Any) -> None:
    settings.CONEXIONES_POR_IP = 1
    puerta = PuertaNativa(nodo)
    primera = Cable(puerta)
    await primera.abierto()
    sobra = Cable(puerta)
    await sobra.abierto()
    assert (await sobra.trama())["datos"]["code"] == "RATE_LIMITED"
    assert await sobra.mensaje() == {"type": "websocket.close", "code": 1013}
    await sobra.fin()
    primera.entrada.put_nowait({"type": "websocket.disconnect", "code": 1005})
    await primera.fin()
    assert aforo.de_direccion("10.0.0.9") not in compartido().aforo._aqui


async def test_un_defecto_al_enviar_la_cierra_y_deja_su_sitio(nodo: Nodo) -> None:
    cable = Cable(PuertaNativa(nodo))
    await cable.abierto()
    cable.fallo = ValueError("defecto")
    cable.enviar('{"evento":"ping"}')
    await cable.fin()
    assert aforo.de_direccion("10.0.0.9") not in compartido().aforo._aqui


async def test_al_apagarse_cierra_con_1012_y_no_entra_nadie(nodo: Nodo) -> None:
    puerta = PuertaNativa(nodo)
    cable = Cable(puerta)
    await cable.abierto()
    await asyncio.sleep(0.01)
    nodo.admite = False
    await puerta.apagar()
    assert await cable.mensaje() == {"type": "websocket.close", "code": 1012}
    await cable.fin()

    tarde = Cable(puerta)
    assert await tarde.mensaje() == {"type": "websocket.close", "code": 1008}
    await tarde.fin()
