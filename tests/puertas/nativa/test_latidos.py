"""Los pings de la puerta sencilla: cuándo, qué confirman y a quién se da por perdido."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from mensajeria.puertas.nativa import latidos
from mensajeria.puertas.nativa.latidos import Latidos
from mensajeria.puertas.nativa.puerta import ConexionNativa
from tests.puertas.test_directo import Conexion
from tests.puertas.test_tramas import del_cliente


class ConLatido:
    def __init__(self) -> None:
        self.cuerpos: list[bytes] = []
        self.llego = asyncio.Event()

    def latir(self, cuerpo: bytes) -> None:
        self.cuerpos.append(cuerpo)
        self.llego.set()


async def test_a_todas_con_un_temporizador_y_a_su_hora(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latidos, "INTERVALO", 0.02)
    monkeypatch.setattr(latidos, "MARGEN", 0.01)
    rueda, una, otra, ida = Latidos(), ConLatido(), ConLatido(), ConLatido()
    for conexion in (una, otra, ida):
        rueda.agregar(conexion)
    temporizador = rueda._temporizador
    rueda.quitar(ida)
    for veces in (1, 2):
        await asyncio.wait_for(otra.llego.wait(), 5)
        otra.llego.clear()
        assert len(una.cuerpos) == len(otra.cuerpos) == veces
    assert una.cuerpos == otra.cuerpos and una.cuerpos[0] != una.cuerpos[1]
    assert ida.cuerpos == [] and rueda._temporizador is not temporizador
    rueda.quitar(una)
    rueda.quitar(otra)
    async with asyncio.timeout(5):
        while rueda._temporizador is not None:
            await asyncio.sleep(0.01)


async def test_adelantar_late_ya_y_pasa_su_turno() -> None:
    rueda, una, ida = Latidos(), ConLatido(), ConLatido()
    rueda.agregar(una)
    antes = rueda._turnos[una]
    await asyncio.sleep(0.01)
    rueda.adelantar(una)
    rueda.adelantar(ida)
    assert (len(una.cuerpos), ida.cuerpos) == (1, [])
    assert rueda._turnos[una] > antes


class Sesion:
    def __init__(self) -> None:
        self.pasos: list[str] = []

    def ping_enviado(self) -> None:
        self.pasos.append("enviado")

    def ping_contestado(self) -> None:
        self.pasos.append("contestado")

    def desconectada(self) -> None:
        self.pasos.append("fuera")


async def _abierta() -> tuple[ConexionNativa, Conexion, Sesion]:
    cable, sesion = Conexion(), Sesion()
    puerta: Any = SimpleNamespace(abiertas=set(), latidos=Latidos())
    quien: Any = SimpleNamespace(dejar_sitio=lambda: None)
    conexion = ConexionNativa(puerta, cable.ws, quien)
    conexion._sesion = sesion  # type: ignore[assignment]
    await cable.ws.atender(conexion)
    await asyncio.sleep(0)
    return conexion, cable, sesion


async def test_un_ping_contestado_confirma_una_vez() -> None:
    conexion, cable, sesion = await _abierta()
    conexion.latir(b"abcd")
    cable.ws.vaciar()
    assert cable.transporte.escrito == [b"\x89\x04abcd"]
    cable.ws.data_received(del_cliente(0x8A, b"otro"))
    assert sesion.pasos == ["enviado"]
    cable.ws.data_received(del_cliente(0x8A, b"abcd") * 2)
    assert sesion.pasos == ["enviado", "contestado"]


async def test_un_ping_que_adelanta_a_lo_pendiente_no_confirma_nada() -> None:
    conexion, cable, sesion = await _abierta()
    cable.transporte.admite = 0
    conexion.enviar("a")
    cable.ws.vaciar()
    conexion.enviar("b")
    conexion.latir(b"abcd")
    assert sesion.pasos == []
    cable.transporte.admite = 1000
    cable.transporte.lee_el_cliente()
    conexion.pong(b"abcd")
    conexion.latir(b"efgh")
    assert sesion.pasos == ["contestado", "enviado"]


async def test_un_latido_de_mas_solo_si_no_espera_otro_ni_a_que_lea() -> None:
    conexion, cable, sesion = await _abierta()
    conexion._puerta.latidos.agregar(conexion)
    cable.transporte.admite = 0
    conexion.enviar("a")
    cable.ws.vaciar()
    conexion.pedir_latido()
    assert sesion.pasos == []
    cable.transporte.admite = 1000
    cable.transporte.lee_el_cliente()
    for _ in range(2):
        conexion.pedir_latido()
    assert sesion.pasos == ["enviado"]
    cable.ws.vaciar()
    cable.ws.data_received(del_cliente(0x8A, cable.transporte.escrito[-1][2:]))
    conexion.pedir_latido()
    assert sesion.pasos == ["enviado", "contestado", "enviado"]


async def test_quien_no_contesta_se_da_por_perdido() -> None:
    conexion, cable, sesion = await _abierta()
    conexion.latir(b"abcd")
    cable.ws.vaciar()
    conexion.latir(b"efgh")
    for _ in range(3):
        await asyncio.sleep(0)
    assert cable.transporte.escrito[1] == b"\x88\x18\x03\xf3keepalive ping timeout"
    assert (cable.transporte.fin, sesion.pasos[-1]) == ("cerrado", "fuera")
