"""El archivo en que una importación deja lo que no toma."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def ruta(tmp_path: Path) -> Path:
    return tmp_path / "rechazos.jsonl"
