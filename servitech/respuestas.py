"""Cómo se escribe en el cable lo que contesta Django."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase

# Bytes de una respuesta que se envían de una vez.
PARTE = 64 * 1024


async def enviar_por_partes(contenido: bytes, send: Any) -> None:
    """A quien lee despacio no se le copia entero: cada parte espera a que salga la anterior."""
    for desde in range(0, len(contenido) or 1, PARTE):
        parte = contenido if len(contenido) <= PARTE else contenido[desde : desde + PARTE]
        sigue = desde + PARTE < len(contenido)
        await send({"type": "http.response.body", "body": parte, "more_body": sigue})


def inicio(respuesta: HttpResponseBase) -> dict[str, Any]:
    """El suceso de ASGI con que empieza: su estado y sus cabeceras."""
    cabeceras = [(k.encode("ascii"), v.encode("latin1")) for k, v in respuesta.items()]
    cabeceras += [
        (b"Set-Cookie", galleta.output(header="").encode("ascii").strip())
        for galleta in respuesta.cookies.values()
    ]
    return {
        "type": "http.response.start",
        "status": respuesta.status_code,
        "headers": cabeceras,
    }
