"""Cuándo se envía el siguiente mensaje y cuándo está hecho uno, con conexiones de mentira."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bancos.carga.dialectos import Eco, SocketIO
from bancos.carga.salas import Sala


class Falsa:
    """Una conexión que apunta lo que se le escribe."""

    al_acusar: Callable[[int], None]
    al_entregar: Callable[[], None]

    def __init__(self, dialecto) -> None:
        self.dialecto = dialecto
        self.escritos: list[bytes] = []
        self.fallo: str | None = None
        self.cerrada: asyncio.Future = asyncio.get_running_loop().create_future()

    def escribir(self, carga: bytes) -> None:
        self.escritos.append(carga)

    def numero(self, i: int) -> int:
        return int(self.escritos[i][2:].split(b"[")[0])


def _sala(dialecto, personas: int = 2) -> tuple[Sala, list[Falsa]]:
    conexiones = [Falsa(dialecto) for _ in range(personas)]
    return Sala("c0", "c0-u0", conexiones), conexiones  # type: ignore[arg-type]


async def test_un_mensaje_esta_hecho_con_su_acuse_y_entregado_a_todos():
    sala, (emisora, otra) = _sala(SocketIO())
    sala.empezar(1)

    emisora.al_acusar(emisora.numero(0))
    emisora.al_entregar()
    assert (sala.hechos, len(emisora.escritos)) == (0, 1)

    otra.al_entregar()
    assert (sala.hechos, len(emisora.escritos)) == (1, 2)


async def test_mantiene_tantos_en_vuelo_como_se_le_pide():
    sala, (emisora, otra) = _sala(SocketIO())

    sala.empezar(3)
    assert len(emisora.escritos) == 3

    for c in (emisora, otra):
        c.al_entregar()
        c.al_entregar()
    emisora.al_acusar(emisora.numero(1))
    emisora.al_acusar(emisora.numero(0))
    assert sala.hechos == 2
    assert len(emisora.escritos) == 5


async def test_los_numeros_no_se_repiten_de_una_sala_a_otra():
    una, (emisora, _) = _sala(SocketIO())
    otra, (segunda, _) = _sala(SocketIO())
    una.empezar(2)
    otra.empezar(2)

    numeros = [c.numero(i) for c in (emisora, segunda) for i in range(2)]
    assert len({*numeros}) == 4


async def test_donde_no_hay_acuses_lo_es_lo_propio_que_vuelve():
    sala, (emisora, otra) = _sala(Eco())
    sala.empezar(1)

    otra.al_entregar()
    assert (sala.acuses, sala.hechos) == ([], 0)

    emisora.al_entregar()
    assert (len(sala.acuses), sala.hechos) == (1, 1)


async def test_terminar_espera_a_lo_que_queda_sin_enviar_mas():
    sala, (emisora, otra) = _sala(SocketIO())
    sala.empezar(1)

    fin = asyncio.create_task(sala.terminar())
    await asyncio.sleep(0)
    assert not fin.done()

    emisora.al_acusar(emisora.numero(0))
    emisora.al_entregar()
    otra.al_entregar()
    await fin
    assert len(emisora.escritos) == 1


async def test_un_mensaje_negado_no_da_figura():
    sala, (_, otra) = _sala(SocketIO())
    sala.comprobar()

    otra.fallo = '42["error",{"code":"RATE_LIMITED"}]'
    with pytest.raises(RuntimeError, match="RATE_LIMITED"):
        sala.comprobar()
