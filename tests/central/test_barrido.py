"""A quién se le pide un latido de más, cuándo, y cuántos como mucho."""

from __future__ import annotations

import asyncio

import pytest

from mensajeria.central import barrido
from mensajeria.central.barrido import MAX_POR_CONVERSACION, MAX_POR_VUELTA, VUELTAS, Barrido
from mensajeria.sesion.por_confirmar import PorConfirmar


class Cliente:
    """`latidos`, en qué vueltas; mientras `ocupado`, no puede enviar ninguno."""

    def __init__(self, rueda: Rueda, *conversaciones: str) -> None:
        self.rueda = rueda
        self.latidos: list[int] = []
        self.ocupado = False
        self.por_confirmar = PorConfirmar()
        for conversacion in conversaciones:
            self.recibe(conversacion)

    def recibe(self, conversacion: str) -> None:
        if not self.por_confirmar:
            self.rueda.barrido.apuntar(self)
        self.por_confirmar[conversacion] = 5_000

    def pedir_latido(self) -> None:
        if not self.ocupado:
            self.latido_corriente()
            self.latidos.append(self.rueda.vuelta)

    def latido_corriente(self) -> None:
        self.por_confirmar.ping_enviado()


class Rueda:
    """Un barrido que da las vueltas que se le dicen, y no solo."""

    def __init__(self) -> None:
        self.barrido = Barrido()
        self.vuelta = 0

    def dar(self, vueltas: int) -> None:
        for _ in range(vueltas):
            self.vuelta += 1
            self.barrido._barrer()


@pytest.fixture
async def rueda(monkeypatch: pytest.MonkeyPatch) -> Rueda:
    monkeypatch.setattr(barrido, "PERIODO", 3600.0)
    return Rueda()


async def test_uno_a_su_tiempo_y_otro_solo_si_recibe_mas(rueda: Rueda) -> None:
    cliente = Cliente(rueda, "c")
    cliente.recibe("c")
    cliente.recibe("d")
    rueda.dar(VUELTAS)
    assert cliente.latidos == []
    rueda.dar(3 * VUELTAS)
    assert cliente.latidos == [VUELTAS + 1]
    cliente.recibe("c")
    rueda.dar(3 * VUELTAS)
    assert len(cliente.latidos) == 2


async def test_nunca_dos_en_un_segundo(rueda: Rueda) -> None:
    cliente = Cliente(rueda)
    for _ in range(20 * VUELTAS):
        cliente.recibe("c")
        rueda.dar(1)
        cliente.recibe("c")
    pares = zip(cliente.latidos, cliente.latidos[1:], strict=False)
    assert {b - a for a, b in pares} == {VUELTAS + 1}


async def test_si_otro_ping_ya_lo_sigue_no_hace_falta(rueda: Rueda) -> None:
    cliente = Cliente(rueda, "c")
    rueda.dar(1)
    cliente.latido_corriente()
    rueda.dar(3 * VUELTAS)
    assert cliente.latidos == []


async def test_quien_no_puede_ahora_lo_recibe_luego(rueda: Rueda) -> None:
    cliente = Cliente(rueda, "c")
    cliente.ocupado = True
    rueda.dar(VUELTAS + 1)
    cliente.ocupado = False
    rueda.dar(VUELTAS + 1)
    assert cliente.latidos == [2 * (VUELTAS + 1)]


async def test_una_sala_grande_no_es_un_ping_a_cada_uno_ni_retrasa_a_las_demas(
    rueda: Rueda,
) -> None:
    grande = [Cliente(rueda, "grande") for _ in range(1000)]
    pareja = [Cliente(rueda, "pareja") for _ in range(2)]
    rueda.dar(VUELTAS + 1)
    assert sum(len(c.latidos) for c in grande) == MAX_POR_CONVERSACION
    assert all(len(c.latidos) == 1 for c in pareja)
    rueda.dar(4)
    for cliente in grande:
        cliente.recibe("grande")
    rueda.dar(1000 // MAX_POR_CONVERSACION - 5)
    # A nadie dos veces antes que a otro una.
    assert all(len(c.latidos) == 1 for c in grande)


async def test_entre_todas_tambien_hay_un_tope(rueda: Rueda) -> None:
    todos = [Cliente(rueda, f"c{n}") for n in range(3 * MAX_POR_VUELTA)]
    for vueltas in (VUELTAS + 1, 1, 1):
        antes = sum(len(c.latidos) for c in todos)
        rueda.dar(vueltas)
        assert sum(len(c.latidos) for c in todos) == antes + MAX_POR_VUELTA
    assert all(len(c.latidos) == 1 for c in todos)


async def test_sin_nadie_no_hay_temporizador(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(barrido, "PERIODO", 0.001)
    rueda = Rueda()
    for _ in range(2):
        cliente = Cliente(rueda, "c")
        async with asyncio.timeout(5):
            while not cliente.latidos or rueda.barrido._corre:
                await asyncio.sleep(0.001)
