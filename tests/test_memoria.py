"""Lo que ocupó una respuesta grande vuelve al sistema, de una vez por muchas."""

from __future__ import annotations

import asyncio
import threading

import pytest

from servitech import memoria
from servitech.memoria import Recorte, recortar


def test_se_puede_hacer_aqui() -> None:
    recortar()


async def test_muchas_seguidas_son_un_recorte_y_en_otro_hilo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hilos: list[str] = []
    hecho = asyncio.Event()
    bucle = asyncio.get_running_loop()

    def apuntar() -> None:
        hilos.append(threading.current_thread().name)
        bucle.call_soon_threadsafe(hecho.set)

    monkeypatch.setattr(memoria, "recortar", apuntar)
    monkeypatch.setattr(memoria, "ESPERA", 0.01)
    recorte = Recorte()
    for _ in range(2):
        hecho.clear()
        for _ in range(10):
            recorte.pedir()
        async with asyncio.timeout(5):
            await hecho.wait()
    assert len(hilos) == 2
    assert all(nombre.startswith("memoria") for nombre in hilos)
