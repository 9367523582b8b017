"""Un nodo en marcha con una base de verdad."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import mensajeria.nodo
from mensajeria.models import Conversacion
from mensajeria.nodo import Nodo


@pytest_asyncio.fixture
async def nodo(conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodo]:
    """El de este proceso mientras dura la prueba, con la gente de `conv`."""
    uno = Nodo()
    monkeypatch.setattr(mensajeria.nodo, "_nodo", uno)
    uno.arrancar()
    yield uno
    await uno.detener(lambda: asyncio.sleep(0))
