"""Lo que este proceso sostiene y anuncia, sin base de datos."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection
from typing import Any

import pytest

from mensajeria.central.asistencia import Asistencia
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.operaciones import conexiones


async def test_quien_se_va_justo_al_detenerse_se_anuncia(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis ya no sabe de ana: nadie más lo va a decir."""
    soltando, sigue, dicho = threading.Event(), threading.Event(), threading.Event()
    emitidos: list[Any] = []

    def irse(claves: Collection[Clave]) -> list[Any]:
        soltando.set()
        assert sigue.wait(10)
        return [c.usuario for c in claves]

    def emitir(sobres: list[Any]) -> None:
        emitidos.extend(sobres)
        if "ana" in emitidos:
            dicho.set()

    monkeypatch.setattr(conexiones, "irse", irse)
    monkeypatch.setattr(conexiones, "llegar", lambda _: [])
    monkeypatch.setattr(conexiones, "latir", lambda: [])
    seguidas = {Clave("ana"), Clave("beto")}
    asistencia = Asistencia(emitir)
    asistencia.arrancar(lambda clave: clave in seguidas)
    monkeypatch.setattr("mensajeria.central.asistencia.GRACIA", 0.0)
    for clave in (Clave("ana"), Clave("beto")):
        asistencia.llega(clave)
    seguidas.discard(Clave("ana"))
    asistencia.quiza_se_va(Clave("ana"))
    assert await asyncio.to_thread(soltando.wait, 10)
    despedida = asyncio.create_task(asistencia.despedirse())
    await asyncio.sleep(0)
    sigue.set()
    await despedida
    assert await asyncio.to_thread(dicho.wait, 10)
    assert emitidos == ["ana", "beto"]
