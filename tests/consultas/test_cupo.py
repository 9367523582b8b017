"""Lo que lee cada persona: en su turno, a su cuenta, y sin quitarles los hilos a las demás."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mensajeria.consultas.coste import leidas
from mensajeria.consultas.cupo import Cupo
from mensajeria.entre_procesos.cubos import BYTES_POR_EVENTO, FILAS_POR_EVENTO, Cubo
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

PACIENCIA = 10.0
Hacer = Callable[[int, int], Cupo]


@pytest.fixture
def cupo() -> Iterator[Hacer]:
    """`cupo(a_la_vez, en_espera)`, sobre cuatro hilos."""
    with ThreadPoolExecutor(4) as hilos:

        def pedir(funcion: Any, *args: Any) -> asyncio.Future[Any]:
            return asyncio.get_running_loop().run_in_executor(hilos, funcion, *args)

        yield lambda a_la_vez, en_espera: Cupo(pedir, a_la_vez, en_espera)


class Lectura:
    """Una que no acaba hasta que se le dice, y que cuesta lo que se le dice."""

    def __init__(self, filas: int = 0, bytes_: int = 0) -> None:
        self.filas, self.bytes = filas, bytes_
        self.empezada, self.acabar = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.empezada.set()
        assert self.acabar.wait(PACIENCIA)
        leidas(filas=self.filas, bytes_=self.bytes)
        return "leído"

    async def empieza(self) -> None:
        assert await asyncio.to_thread(self.empezada.wait, PACIENCIA)


async def test_quien_lee_mucho_no_quita_los_hilos_a_nadie(cupo: Hacer) -> None:
    suyo, ana, beto = cupo(1, 100), Cubo("ana"), Cubo("beto")
    muchas = [Lectura() for _ in range(20)]
    tareas = [asyncio.create_task(suyo.leer(ana, una)) for una in muchas]
    await muchas[0].empieza()
    de_beto = Lectura()
    de_beto.acabar.set()
    assert await asyncio.wait_for(suyo.leer(beto, de_beto), PACIENCIA) == "leído"
    assert [una.empezada.is_set() for una in muchas] == [True] + [False] * 19
    for una in muchas:
        una.acabar.set()
    assert await asyncio.gather(*tareas) == ["leído"] * 20


async def test_lo_leido_se_cobra(cupo: Hacer) -> None:
    suyo, ana = cupo(1, 1), Cubo("ana")
    una = Lectura(3 * FILAS_POR_EVENTO + 1, 2 * BYTES_POR_EVENTO + 1)
    una.acabar.set()
    await suyo.leer(ana, una)
    assert ana.gastadas == 5


async def test_lo_que_espera_su_turno_se_niega_si_ya_no_queda_ritmo(cupo: Hacer) -> None:
    suyo, ana = cupo(1, 2), Cubo("ana")
    cara, otra = Lectura(filas=10**9), Lectura()
    primera = asyncio.create_task(suyo.leer(ana, cara))
    await cara.empieza()
    segunda = asyncio.create_task(suyo.leer(ana, otra))
    cara.acabar.set()
    await primera
    with pytest.raises(ErrorMensajeria) as error:
        await segunda
    assert error.value.codigo is CodigoError.RATE_LIMITED
    assert 9 < (error.value.reintentar_en or 0) <= 10.1
    assert not otra.empezada.is_set()


async def test_quien_se_va_no_deja_su_turno_ni_su_cuenta(cupo: Hacer) -> None:
    """Si no, pedir e irse sería el modo de ocupar todos los hilos, y gratis."""
    suyo, ana = cupo(1, 100), Cubo("ana")
    una, otra = Lectura(filas=FILAS_POR_EVENTO), Lectura()
    tarea = asyncio.create_task(suyo.leer(ana, una))
    await una.empieza()
    tarea.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tarea
    segunda = asyncio.create_task(suyo.leer(ana, otra))
    await asyncio.sleep(0)
    assert not otra.empezada.is_set()
    una.acabar.set()
    await otra.empieza()
    assert ana.gastadas == 1
    otra.acabar.set()
    assert await segunda == "leído"


async def test_la_cola_se_acaba_y_no_queda_rastro(cupo: Hacer) -> None:
    suyo, ana = cupo(1, 1), Cubo("ana")
    una, otra = Lectura(), Lectura()
    tareas = [asyncio.create_task(suyo.leer(ana, cual)) for cual in (una, otra)]
    await una.empieza()
    with pytest.raises(ErrorMensajeria) as error:
        await suyo.leer(ana, Lectura())
    assert (error.value.codigo, error.value.reintentar_en) == (CodigoError.RATE_LIMITED, 1.0)
    tareas[1].cancel()
    una.acabar.set()
    await tareas[0]
    with pytest.raises(asyncio.CancelledError):
        await tareas[1]
    assert (suyo._pendientes, suyo._turnos) == ({}, {})


async def test_lo_que_falla_al_leer_llega_a_quien_lo_pidio(cupo: Hacer) -> None:
    def fallar() -> None:
        raise ValueError("a propósito")

    suyo, ana = cupo(1, 1), Cubo("ana")
    for _ in range(2):
        with pytest.raises(ValueError, match="a propósito"):
            await suyo.leer(ana, fallar)
