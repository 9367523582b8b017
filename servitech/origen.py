"""Los ejemplos que se sirven, con la dirección por la que se piden."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

# La de los que se escriben. `localhost:3000` a secas es la propia máquina, y así se queda.
DE_EJEMPLO = "localhost:3000"


def con_su_origen(texto: str, request: HttpRequest) -> str:
    """`texto`, con el esquema, la máquina y el prefijo de quien pide en cada dirección de ejemplo.

    Sirve en HTML, en JSON y en YAML: `get_host` no admite nada que en ellos signifique algo.
    """
    origen = request.build_absolute_uri(reverse("pagina")).rstrip("/")
    return texto.replace(f"http://{DE_EJEMPLO}", origen).replace(
        f"ws://{DE_EJEMPLO}", origen.replace("http", "ws", 1)
    )
