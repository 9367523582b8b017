"""Sin recordatorios, salvo en sus pruebas: lo enviado queda hecho."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _sin_recordatorios(settings: Any) -> None:
    settings.RECORDATORIO_HORAS = 0
