"""Un WebSocket que escribe en su transporte, con uno de mentira."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria.puertas import directo
from mensajeria.puertas.directo import MAX_POR_VUELTA, WebSocketDirecto
from mensajeria.puertas.tramas import LectorDeTramas, de_cierre, de_mensaje
from tests.puertas.test_tramas import del_cliente

UNO, DOS, TRES = (del_cliente(0x81, t) for t in (b"1", b"2", b"3"))


class Transporte:
    """Apunta lo escrito; desde `admite` bytes sin leer, se congestiona."""

    def __init__(self) -> None:
        self.escrito: list[bytes] = []
        self.admite = 1_000_000
        self.protocolo: Any = None
        self.leyendo = True
        self.fin = ""

    def write(self, datos: bytes) -> None:
        if self.fin:
            raise RuntimeError("cerrado")
        self.escrito.append(datos)
        if sum(map(len, self.escrito)) > self.admite:
            self.protocolo.pause_writing()

    def lee_el_cliente(self) -> list[bytes]:
        leido, self.escrito = self.escrito, []
        self.protocolo.resume_writing()
        self.protocolo.vaciar()
        return leido

    def pause_reading(self) -> None:
        if self.fin:
            raise RuntimeError("cerrado")
        self.leyendo = False

    def resume_reading(self) -> None:
        self.leyendo = True

    def is_closing(self) -> bool:
        return bool(self.fin)

    def close(self) -> None:
        self._acabar("cerrado")

    def abort(self) -> None:
        self._acabar("cortado")

    def _acabar(self, como: str) -> None:
        if not self.fin:
            self.fin = como
            asyncio.get_running_loop().call_soon(self.protocolo.connection_lost, None)


class Conexion:
    """Un WebSocket con quien lo atiende, que puede pausarlo a cada mensaje."""

    def __init__(self, recibido: bytes = b"") -> None:
        self.transporte = Transporte()
        self.vivas: set[Any] = set()
        transporte: Any = self.transporte
        lector = LectorDeTramas(1000)
        self.ws = WebSocketDirecto(transporte, lector, self.vivas, recibido=recibido)
        self.transporte.protocolo = self.ws
        self.recibido: list[Any] = []
        self.pongs: list[bytes] = []
        self.perdidas = 0
        self.de_una_en_una = False

    def recibir(self, trama: str | bytes) -> None:
        self.recibido.append(trama)
        if self.de_una_en_una:
            self.ws.pausar()

    def pong(self, carga: bytes) -> None:
        self.pongs.append(carga)

    def perdida(self) -> None:
        self.perdidas += 1


async def abrir(recibido: bytes = b"") -> Conexion:
    conexion = Conexion(recibido)
    await conexion.ws.atender(conexion)
    await _vueltas()
    return conexion


async def _vueltas() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


# Enviar


async def test_lo_de_una_vuelta_sale_en_una_escritura_y_sin_tareas() -> None:
    tareas = asyncio.all_tasks()
    c, otra = await abrir(), await abrir()
    for _ in range(2):
        c.ws.escribir(de_mensaje("a"))
        otra.ws.decir("x")
        c.ws.decir("b")
        assert c.ws.libre
        await _vueltas()

    assert c.transporte.escrito == [de_mensaje("a") + de_mensaje("b")] * 2
    assert otra.transporte.escrito == [de_mensaje("x")] * 2
    assert asyncio.all_tasks() == tareas


async def test_mucho_en_una_vuelta_no_espera_a_su_fin() -> None:
    c = await abrir()
    c.transporte.admite = MAX_POR_VUELTA
    for _ in range(3):
        c.ws.decir("a" * MAX_POR_VUELTA)
    assert len(c.transporte.escrito) == 1 and not c.ws.libre
    assert len(c.ws.cola.tomar_todo()) == 2


async def test_lo_que_el_transporte_no_admite_espera_y_sale_en_orden() -> None:
    c = await abrir()
    c.transporte.admite = 5
    c.ws.decir("a")
    c.ws.decir("b")
    c.ws.vaciar()
    assert not c.ws.libre and c.ws.al_dia
    c.ws.decir("c")
    c.ws.decir("d")
    assert not c.ws.al_dia
    assert c.transporte.lee_el_cliente() == [de_mensaje("a") + de_mensaje("b")]
    assert c.transporte.lee_el_cliente() == [de_mensaje("c") + de_mensaje("d")]
    assert c.ws.libre


async def test_el_cierre_va_detras_de_lo_pendiente_y_espera_respuesta() -> None:
    c = await abrir()
    c.transporte.admite = 2
    c.ws.decir("a")
    c.ws.vaciar()
    c.ws.decir("b")
    c.ws.cerrar(1012)
    c.ws.decir("tarde")
    assert c.ws.cerrando and not c.ws.libre
    c.transporte.admite = 100
    c.transporte.lee_el_cliente()
    assert c.transporte.escrito == [de_mensaje("b") + de_mensaje("tarde") + de_cierre(1012)]
    await _vueltas()
    assert (c.perdidas, c.transporte.fin) == (1, "")
    c.ws.data_received(UNO + del_cliente(0x88, b"\x03\xf4"))
    assert (c.recibido, c.transporte.fin) == ([], "cerrado")
    await _vueltas()
    assert c.perdidas == 1 and not c.vivas


async def test_quien_no_lee_el_cierre_no_la_retiene(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directo, "PLAZO_DE_CIERRE", 0.01)
    c = await abrir()
    c.ws.pause_writing()
    c.ws.cerrar(1000)
    async with asyncio.timeout(5):
        while not c.perdidas:
            await asyncio.sleep(0.01)
    assert (c.transporte.fin, c.transporte.escrito) == ("cortado", [])


async def test_quien_no_contesta_al_cierre_tampoco(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directo, "PLAZO_DE_RESPUESTA", 0.01)
    c = await abrir()
    c.ws.cerrar(1000)
    async with asyncio.timeout(5):
        while not c.transporte.fin:
            await asyncio.sleep(0.01)
    assert c.transporte.escrito == [de_cierre(1000)]


@pytest.mark.parametrize(("atascado", "fin"), [(True, "cortado"), (False, "cerrado")])
async def test_abortar_corta_solo_a_quien_no_lee(atascado: bool, fin: str) -> None:
    c = await abrir()
    if atascado:
        c.ws.pause_writing()
    c.ws.abortar()
    assert c.transporte.fin == fin
    assert c.perdidas == 0 and not c.ws.libre
    await _vueltas()
    assert c.perdidas == 1
    c.ws.escribir(b"tarde")
    c.ws.decir("tarde")
    c.ws.abortar()
    c.ws.cerrar(1000)
    assert c.transporte.escrito == []


async def test_el_servidor_termina() -> None:
    c = await abrir()
    assert c.vivas == {c.ws}
    c.ws.shutdown()
    await _vueltas()
    assert c.transporte.escrito == [de_cierre(1012)]
    assert (c.transporte.fin, c.perdidas, c.vivas) == ("cerrado", 1, set())


# Leer


async def test_nada_se_lee_hasta_que_alguien_lo_atiende() -> None:
    c = Conexion(recibido=UNO + DOS[:3])
    await _vueltas()
    assert not c.transporte.leyendo
    await c.ws.atender(c)
    assert c.recibido == []
    await _vueltas()
    assert (c.recibido, c.transporte.leyendo) == (["1"], True)
    c.ws.data_received(DOS[3:])
    assert c.recibido == ["1", "2"]


async def test_en_pausa_espera_lo_que_ya_llego() -> None:
    c = await abrir()
    c.de_una_en_una = True
    c.ws.data_received(UNO + DOS)
    c.ws.data_received(TRES)
    assert (c.recibido, c.transporte.leyendo) == (["1"], False)
    for hasta in (["1", "2"], ["1", "2", "3"]):
        c.ws.reanudar()
        await _vueltas()
        assert (c.recibido, c.transporte.leyendo) == (hasta, False)
    c.de_una_en_una = False
    c.ws.reanudar()
    await _vueltas()
    assert c.transporte.leyendo


async def test_de_una_en_una_y_luego_otro_atiende() -> None:
    c = Conexion(recibido=UNO + DOS + TRES)
    assert [await c.ws.leer(), await c.ws.leer()] == ["1", "2"]
    await c.ws.atender(c)
    await _vueltas()
    assert c.recibido == ["3"]


async def test_si_se_fue_antes_de_atenderlo_se_sabe() -> None:
    c = Conexion()
    leido = asyncio.create_task(c.ws.leer())
    await _vueltas()
    c.transporte.abort()
    assert await leido is None
    await c.ws.atender(c)
    assert c.perdidas == 1


async def test_quien_deja_de_esperar_un_mensaje_no_se_lo_lleva() -> None:
    c = Conexion()
    espera = asyncio.create_task(c.ws.leer())
    await _vueltas()
    espera.cancel()
    await asyncio.wait([espera])
    c.ws.data_received(UNO)
    await c.ws.atender(c)
    await _vueltas()
    assert c.recibido == ["1"]


async def test_sin_aplicacion_ni_quien_atienda_se_corta() -> None:
    atendida, cerrandose, a_medias = await abrir(), Conexion(), Conexion()
    cerrandose.ws.cerrar(1000)
    for c in (atendida, cerrandose, a_medias):
        c.ws.sin_aplicacion()
    assert [c.transporte.fin for c in (atendida, cerrandose, a_medias)] == ["", "", "cerrado"]


async def test_a_un_ping_se_contesta_y_un_pong_se_entrega() -> None:
    c = await abrir()
    c.ws.data_received(del_cliente(0x89, b"hola") + del_cliente(0x8A, b"x"))
    await _vueltas()
    assert (c.transporte.escrito, c.pongs) == ([b"\x8a\x04hola"], [b"x"])


@pytest.mark.parametrize("carga", [b"", b"\x03\xe8", b"\x0f\xa0adi\xc3\xb3s"])
async def test_al_cierre_del_cliente_se_contesta_lo_mismo(carga: bytes) -> None:
    c = await abrir()
    c.ws.data_received(del_cliente(0x88, carga) + UNO)
    await _vueltas()
    assert c.transporte.escrito == [bytes((0x88, len(carga))) + carga]
    assert (c.recibido, c.perdidas, c.transporte.fin) == ([], 1, "cerrado")


async def test_lo_incorrecto_la_cierra_tras_lo_bueno() -> None:
    c = await abrir()
    c.ws.data_received(UNO + del_cliente(0x81, b"\xff") + DOS)
    await _vueltas()
    assert c.transporte.escrito == [b"\x88\x02\x03\xef"]
    assert (c.recibido, c.perdidas, c.transporte.fin) == (["1"], 1, "cerrado")
