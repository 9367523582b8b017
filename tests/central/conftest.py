"""Un nodo en marcha con una base de verdad."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import mensajeria.nodo
from mensajeria.models import Conversacion
from mensajeria.nodo import Nodo, nodo_en_marcha


@pytest_asyncio.fixture
async def nodo(conversacion: Conversacion, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodo]:
    """El de este proceso mientras dura la prueba, con la gente de `conv`."""
    monkeypatch.setattr(mensajeria.nodo, "_nodo", Nodo())
    uno = nodo_en_marcha()
    yield uno
    await uno.detener(lambda: None)
