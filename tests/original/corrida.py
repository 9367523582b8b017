"""El guion, con `node`, contra un servidor que ya está en marcha."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.original.normal import Visto, normalizado
from tests.servicios import RAIZ, SECRETO

GUION = Path(__file__).with_name("guion.js")
PLAZO = 240


def correr(url: str, esperado: Path | None = None) -> list[Visto]:
    """Lo que recibió cada cliente, normalizado. Con `esperado`, un paso acaba cuando llegó lo que
    ese archivo dice; sin él, tras un rato fijo: así se graba.
    """
    fin = subprocess.run(
        ["node", GUION, url, SECRETO, *([esperado] if esperado else [])],
        capture_output=True,
        text=True,
        timeout=PLAZO,
        env={**os.environ, "NODE_PATH": str(RAIZ / "node_modules")},
    )
    if fin.returncode:
        raise RuntimeError(fin.stderr)
    return normalizado(json.loads(fin.stdout))
