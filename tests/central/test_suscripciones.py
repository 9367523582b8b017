"""Los grupos que se escuchan acaban siendo los deseados, y una capa caída no retiene a nadie."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Collection
from typing import Any

import pytest

from mensajeria.central import suscripciones as modulo
from mensajeria.central.suscripciones import Suscripciones
from mensajeria.difusion import grupos
from mensajeria.difusion.sobre import empaquetar


class CapaFalsa:
    def __init__(self) -> None:
        self.escuchados: set[str] = set()
        self.cuelga = False
        self.llamadas = 0

    async def new_channel(self) -> str:
        return "canal"

    async def escuchar(self, grupos: Collection[str], _: str) -> None:
        self.llamadas += 1
        await asyncio.sleep(60 if self.cuelga else 0)
        self.escuchados.update(grupos)

    async def dejar(self, grupos: Collection[str]) -> None:
        self.llamadas += 1
        await asyncio.sleep(0)
        self.escuchados.difference_update(grupos)


@pytest.fixture
def capa(settings: Any, monkeypatch: pytest.MonkeyPatch) -> CapaFalsa:
    falsa = CapaFalsa()
    settings.REDIS_URL = "redis://falso"
    monkeypatch.setattr(modulo, "get_channel_layer", lambda: falsa)
    monkeypatch.setattr(modulo, "_PACIENCIA", 0.05)
    monkeypatch.setattr(modulo, "_DESCANSO", 0.1)
    return falsa


async def test_un_alta_y_una_baja_seguidas_no_se_adelantan(capa: CapaFalsa) -> None:
    suyas = Suscripciones()
    await suyas.escuchar(["c", "d"], "ana")
    suyas.dejar_conversacion("c")
    suyas.escuchar_luego("c")
    suyas.dejar_conversacion("d")
    suyas.dejar_usuario("ana")
    await suyas.igualar()
    assert capa.escuchados == {grupos.TODOS, grupos.de_conversacion("c")}


async def test_lo_que_se_pide_a_la_vez_es_un_viaje(capa: CapaFalsa) -> None:
    suyas = Suscripciones()
    await asyncio.gather(*(suyas.escuchar([f"c{n}", f"d{n}"], f"u{n}") for n in range(20)))
    # El primero, que no esperó a nadie, y todos los demás.
    assert (capa.llamadas, len(capa.escuchados)) == (2, 61)
    for n in range(20):
        suyas.dejar_conversacion(f"c{n}")
        suyas.dejar_usuario(f"u{n}")
    await suyas.igualar()
    assert (capa.llamadas, len(capa.escuchados)) == (3, 21)
    await suyas.igualar()
    assert capa.llamadas == 3


async def test_un_alta_que_se_deja_a_medias_no_queda(capa: CapaFalsa) -> None:
    suyas = Suscripciones()
    alta = asyncio.create_task(suyas.escuchar(["c"]))
    await asyncio.sleep(0)
    suyas.dejar_conversacion("c")
    await alta
    await suyas.igualar()
    assert capa.escuchados == {grupos.TODOS}


async def test_con_la_capa_colgada_solo_espera_el_primero(capa: CapaFalsa) -> None:
    capa.cuelga = True
    suyas = Suscripciones()
    await asyncio.gather(*(suyas.escuchar([f"c{n}"]) for n in range(20)))
    assert capa.llamadas == 1
    capa.cuelga = False
    await asyncio.sleep(0.15)
    await suyas.igualar()
    assert len(capa.escuchados) == 21


async def test_a_dos_que_preguntan_a_la_vez_se_les_contesta(
    capa: CapaFalsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """También si entre tanto nadie más guarda lo que se está contestando."""
    avisos: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for n in range(2):
        pregunta = {"usuario": "", "en": f"lista{n}"}
        avisos.put_nowait({"origen": "otro", "sobres": empaquetar([]), "censo": pregunta})

    async def recibir(_: str) -> dict[str, Any]:
        return await avisos.get()

    monkeypatch.setattr(capa, "receive", recibir, raising=False)
    contestadas: list[str] = []
    las_dos = asyncio.Event()

    async def contestar(pregunta: dict[str, str]) -> None:
        # Solo la sostiene su tarea: al bucle, nada se lo recuerda.
        await _de_nadie()
        contestadas.append(pregunta["en"])
        if len(contestadas) == 2:
            las_dos.set()

    suyas = Suscripciones()
    suyas.arrancar(lambda _: None, contestar)
    while len(_dormidas) < 2:
        await asyncio.sleep(0)
    gc.collect()
    for dormida in list(_dormidas):
        dormida.set_result(None)
    await asyncio.wait_for(las_dos.wait(), 5)
    assert sorted(contestadas) == ["lista0", "lista1"]
    suyas.cerrar()


_dormidas: weakref.WeakSet[asyncio.Future[None]] = weakref.WeakSet()


async def _de_nadie() -> None:
    dormida = asyncio.get_running_loop().create_future()
    _dormidas.add(dormida)
    await dormida
