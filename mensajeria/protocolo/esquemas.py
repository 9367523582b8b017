"""De los tipos del protocolo a esquemas JSON, para OpenAPI, AsyncAPI y la página."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

Esquema = dict[str, Any]


def generar(
    tipos: Sequence[type], referencia: str
) -> tuple[dict[type, Esquema], dict[str, Esquema]]:
    """El esquema de cada tipo, que nombra sus partes con `referencia`; y las partes, por nombre."""
    suyos, partes = msgspec.json.schema_components(tipos, ref_template=referencia + "{name}")
    return dict(zip(tipos, suyos, strict=True)), partes
