"""El arranque y la parada de un proceso, en su orden."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mensajeria import nodo as modulo
from mensajeria.nodo import Nodo


class PuertaFalsa:
    def __init__(self, nombre: str, pasos: list[str]) -> None:
        self.nombre = nombre
        self.pasos = pasos

    async def despedir(self) -> None:
        self.pasos.append(self.nombre)


@pytest.fixture
def pasos(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lo que hace la parada, según lo hace."""
    hechos: list[str] = []

    def apuntar(clase: type, metodo: str, nombre: str) -> None:
        original = getattr(clase, metodo)

        def apuntado(self: Any) -> Any:
            hechos.append(nombre)
            return original(self)

        monkeypatch.setattr(clase, metodo, apuntado)

    apuntar(modulo.Escritor, "terminar", "confirmar")
    apuntar(modulo.Asistencia, "despedirse", "presencia")
    apuntar(modulo.Emisor, "detener", "avisos")
    apuntar(modulo.Vigilancia, "cerrar", "vigilancia")
    apuntar(modulo.Suscripciones, "cerrar", "suscripciones")
    apuntar(modulo.Escritor, "cerrar", "escritor")
    return hechos


FIN = ["vigilancia", "suscripciones", "escritor"]


async def test_la_parada_va_en_su_orden(pasos: list[str]) -> None:
    uno = Nodo()
    uno.puertas += [PuertaFalsa("puerta", pasos), PuertaFalsa("otra", pasos)]
    uno.arrancar()
    uno.arrancar()
    await uno.detener(lambda: pasos.append("enchufes"))
    assert uno.deteniendo
    antes = ["confirmar", "puerta", "otra", "enchufes", "presencia", "avisos"]
    assert pasos == [*antes, *FIN]


async def test_sin_arrancar_no_hay_nada_que_detener(pasos: list[str]) -> None:
    await Nodo().detener(lambda: pasos.append("enchufes"))
    assert pasos == []


async def test_lo_colgado_no_retiene_la_parada(
    pasos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ni la base ni Redis contestan: pasado su plazo, se sigue con lo demás."""

    async def no_contesta(_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(modulo, "SEGUNDOS_EN_VUELO", 0.05)
    monkeypatch.setattr(modulo, "SEGUNDOS_DE_DESPEDIDA", 0.05)
    monkeypatch.setattr(modulo.Escritor, "terminar", no_contesta)
    monkeypatch.setattr(modulo.Asistencia, "despedirse", no_contesta)
    uno = Nodo()
    uno.puertas.append(PuertaFalsa("puerta", pasos))
    uno.arrancar()
    await asyncio.wait_for(uno.detener(lambda: pasos.append("enchufes")), 3)
    assert pasos == ["puerta", "enchufes", *FIN]
