"""Lo que un WebSocket envía y lee, sin red."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mensajeria.puertas import websocket
from mensajeria.puertas.websocket import WebSocket


class Cable:
    """Lo que ASGI da: `receive` y `send`. Atascado, el cliente no lee; roto, ya no está."""

    def __init__(self) -> None:
        self.entrada: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.enviado: list[Any] = []
        self.libre = asyncio.Event()
        self.libre.set()
        self.roto = False
        self.defecto: Exception | None = None
        self.perdidas = 0
        self.ws = WebSocket(self.entrada.get, self._send)
        self.recibido: list[Any] = []

    async def _send(self, mensaje: dict[str, Any]) -> None:
        await self.libre.wait()
        if self.roto:
            raise OSError
        if self.defecto is not None and "code" not in mensaje:
            raise self.defecto
        self.enviado.append(mensaje.get("text", mensaje.get("bytes", mensaje.get("code"))))

    def enviar(self, *tramas: str | bytes) -> None:
        for trama in tramas:
            self.ws.decir(trama)

    def recibir(self, trama: str | bytes) -> None:
        self.recibido.append(trama)

    def pong(self, carga: bytes) -> None: ...

    def perdida(self) -> None:
        self.perdidas += 1

    def atender(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.ws.atender(self))


async def _unas_vueltas() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_escribe_en_orden_con_una_sola_tarea() -> None:
    cable = Cable()
    assert cable.ws._salida is None
    cable.enviar("a", b"b")
    salida = cable.ws._salida
    await _unas_vueltas()
    cable.enviar("c")
    cable.ws.despertar()
    await _unas_vueltas()

    assert cable.enviado == ["a", b"b", "c"]
    assert cable.ws._salida is salida
    cable.ws.cerrar(1000)
    await _unas_vueltas()
    assert cable.ws._salida is None


async def test_cierra_tras_lo_pendiente_y_deja_de_leer() -> None:
    cable = Cable()
    conexion = cable.atender()
    cable.libre.clear()
    cable.enviar("a")
    cable.ws.cerrar(1012)
    assert cable.ws.cerrando
    await _unas_vueltas()
    assert cable.enviado == []
    cable.libre.set()
    await asyncio.wait_for(conexion, 1)

    assert cable.enviado == ["a", 1012]
    assert cable.perdidas == 1


async def test_lo_puesto_tras_el_cierre_no_sale() -> None:
    cable = Cable()
    cable.ws.cerrar(1000)
    await _unas_vueltas()
    cable.enviar("tarde")
    await _unas_vueltas()

    assert cable.enviado == [1000]


async def test_lee_hasta_que_el_cliente_se_va() -> None:
    cable = Cable()
    for mensaje in (
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.receive", "bytes": b"b"},
        {"type": "websocket.receive", "text": "c", "bytes": None},
        {"type": "websocket.disconnect", "code": 1005},
    ):
        cable.entrada.put_nowait(mensaje)
    await asyncio.wait_for(cable.atender(), 1)

    assert cable.recibido == ["a", b"b", "c"]
    assert cable.perdidas == 1


async def test_a_quien_no_lee_se_le_deja_en_el_acto() -> None:
    cable = Cable()
    conexion = cable.atender()
    cable.libre.clear()
    cable.enviar("a")
    await _unas_vueltas()
    cable.ws.abortar()
    await asyncio.wait_for(conexion, 1)

    assert cable.perdidas == 1 and cable.enviado == []


async def test_si_ya_no_esta_se_sabe_al_escribir() -> None:
    cable = Cable()
    conexion = cable.atender()
    cable.roto = True
    cable.enviar("a")
    await asyncio.wait_for(conexion, 1)

    assert cable.perdidas == 1


async def test_un_defecto_al_enviar_cierra_con_1011_y_se_registra(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cable = Cable()
    conexion = cable.atender()
    cable.enviar("a")
    await _unas_vueltas()
    cable.defecto = UnicodeEncodeError("utf-8", "\ud800", 0, 1, "sustituto")
    cable.enviar("b", "c")
    await asyncio.wait_for(conexion, 1)

    assert cable.enviado == ["a", 1011]
    assert cable.perdidas == 1
    assert "No se pudo enviar" in caplog.text


async def _se_va(cable: Cable) -> None:
    cable.entrada.put_nowait({"type": "websocket.disconnect", "code": 1005})


async def _cierra(cable: Cable) -> None:
    cable.ws.cerrar(1000)


async def _aborta(cable: Cable) -> None:
    cable.ws.abortar()


@pytest.mark.parametrize("acabar", [_se_va, _cierra, _aborta])
async def test_la_tarea_de_salida_en_descanso_acaba_con_la_conexion(
    acabar: Callable[[Cable], Awaitable[None]],
) -> None:
    antes = asyncio.all_tasks()
    cable = Cable()
    conexion = cable.atender()
    cable.enviar("a")
    await _unas_vueltas()
    salida = cable.ws._salida
    assert salida is not None and not salida.done()
    await acabar(cable)
    await asyncio.wait_for(conexion, 1)
    await _unas_vueltas()

    assert salida.done() and cable.ws._salida is None
    assert asyncio.all_tasks() == antes
    cable.enviar("tarde")
    assert cable.ws._salida is None


async def test_quien_no_lee_ni_el_cierre_tampoco_la_retiene(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "SEGUNDOS_PARA_CERRAR", 0.01)
    cable = Cable()
    cable.libre.clear()
    cable.enviar("a")
    salida = cable.ws._salida
    cable.ws.cerrar(1013)
    await cable.ws.terminar()
    await _unas_vueltas()

    assert salida is not None and salida.done()
    assert cable.enviado == []


async def test_a_quien_no_lee_el_cierre_se_le_corta_pasado_un_plazo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "PLAZO_DE_CIERRE", 0.01)
    cable = Cable()
    conexion = cable.atender()
    cable.libre.clear()
    cable.ws.cerrar(1000)
    await asyncio.wait_for(conexion, 10)

    assert cable.perdidas == 1 and cable.enviado == []


async def test_en_pausa_no_se_le_lee() -> None:
    cable = Cable()
    cable.ws.pausar()
    conexion = cable.atender()
    cable.entrada.put_nowait({"type": "websocket.receive", "text": "a"})
    await _unas_vueltas()
    assert cable.recibido == []
    cable.ws.reanudar()
    await _unas_vueltas()
    assert cable.recibido == ["a"]
    cable.ws.abortar()
    await asyncio.wait_for(conexion, 1)
