"""Un nodo en marcha con una base de verdad."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import mensajeria.nodo
from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.models import Conversacion, Novedad
from mensajeria.nodo import Nodo


@pytest_asyncio.fixture
async def nodo(conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodo]:
    """El de este proceso mientras dura la prueba, con la gente de `conv`."""
    # Migrar deja una, para que el registro nunca esté vacío.
    await en_hilo_de_lectura(lambda: Novedad().save(force_insert=True))
    uno = Nodo()
    monkeypatch.setattr(mensajeria.nodo, "_nodo", uno)
    uno.arrancar()
    yield uno
    await uno.detener(lambda: asyncio.sleep(0))
