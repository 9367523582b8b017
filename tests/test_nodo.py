"""La parada de un proceso, en su orden y con sus plazos."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

import mensajeria.nodo
from mensajeria.nodo import Nodo

FIN = ["vigilancia", "suscripciones", "escritor"]


class PuertaFalsa:
    def __init__(self, nombre: str, pasos: list[str]) -> None:
        self.nombre = nombre
        self.pasos = pasos

    async def drenar(self, segundos: float, al_dia: Any) -> None:
        await al_dia()
        self.pasos.append(f"{self.nombre}, en {segundos} s")

    async def apagar(self) -> None:
        self.pasos.append(self.nombre)


def _cerrar(pasos: list[str]) -> Callable[[], Awaitable[None]]:
    async def cerrar() -> None:
        pasos.append("enchufes")

    return cerrar


@pytest.fixture
def pasos() -> list[str]:
    """Lo que hace la parada, según lo hace."""
    return []


@pytest_asyncio.fixture
async def nodo(pasos: list[str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodo]:
    uno = Nodo()
    uno.puertas += [PuertaFalsa("puerta", pasos), PuertaFalsa("otra", pasos)]
    uno.arrancar()
    uno.arrancar()

    def apuntar(parte: object, metodo: str, paso: str) -> None:
        original = getattr(parte, metodo)

        def apuntado() -> Any:
            pasos.append(paso)
            return original()

        monkeypatch.setattr(parte, metodo, apuntado)

    apuntar(uno.escritor, "terminar", "confirmar")
    apuntar(uno.asistencia, "soltar_todo", "presencia")
    apuntar(uno.emisor, "detener", "avisos")
    apuntar(uno.vigilancia, "cerrar", "vigilancia")
    apuntar(uno.suscripciones, "cerrar", "suscripciones")
    apuntar(uno.escritor, "cerrar", "escritor")
    yield uno
    assert not uno.atiende


async def test_la_parada_va_en_su_orden(nodo: Nodo, pasos: list[str]) -> None:
    await nodo.detener(_cerrar(pasos))
    antes = ["confirmar", "puerta", "otra", "enchufes", "presencia", "avisos"]
    assert pasos == [*antes, *FIN]


async def test_al_drenar_no_entra_nadie_y_a_los_que_estan_se_les_atiende(
    nodo: Nodo, pasos: list[str]
) -> None:
    await nodo.drenar(7)
    assert pasos == ["puerta, en 7 s", "otra, en 7 s"]
    assert nodo.atiende and not nodo.admite
    await nodo.detener(lambda: asyncio.sleep(0))


async def test_sin_arrancar_no_hay_nada_que_detener(pasos: list[str]) -> None:
    await Nodo().detener(_cerrar(pasos))
    assert pasos == []


async def test_lo_colgado_no_retiene_la_parada(
    nodo: Nodo, pasos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ni la base ni Redis contestan: pasado su plazo, se sigue con lo demás."""

    async def no_contesta() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(mensajeria.nodo, "SEGUNDOS_EN_VUELO", 0.05)
    monkeypatch.setattr(mensajeria.nodo, "SEGUNDOS_DE_DESPEDIDA", 0.05)
    monkeypatch.setattr(nodo.escritor, "terminar", no_contesta)
    monkeypatch.setattr(nodo.asistencia, "soltar_todo", no_contesta)
    await asyncio.wait_for(nodo.detener(_cerrar(pasos)), 3)
    assert pasos == ["puerta", "otra", "enchufes", *FIN]
