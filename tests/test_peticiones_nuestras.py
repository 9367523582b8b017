"""A una dirección que alguien haya escrito solo se llama por `salientes`."""

from __future__ import annotations

import re
from pathlib import Path

RAIZ = Path(__file__).parents[1]
# `diagnosticar` y `conexiones` llaman al propio servidor; lo demás sale por la única guardia.
PERMITIDOS = {
    "mensajeria/consola/diagnostico/puertas.py",
    "mensajeria/consola/conectados.py",
    "mensajeria/salientes.py",
}
_CLIENTES = re.compile(
    r"^\s*(?:import|from) (?:urllib\.request|urllib3|http\.client|requests|httpx|aiohttp)\b",
    re.MULTILINE,
)


def test_nadie_mas_hace_peticiones() -> None:
    rutas = [r for c in ("mensajeria", "servitech") for r in (RAIZ / c).rglob("*.py")]
    hacen = {
        str(ruta.relative_to(RAIZ))
        for ruta in rutas
        if _CLIENTES.search(ruta.read_text(encoding="utf-8"))
    }
    assert hacen - PERMITIDOS == set()
