"""El rastro de cada mensaje en el registro, del que lo pide a cada conexión a la que se da.

Solo con `RASTRO=1`: son una línea por paso y por conexión. Quien lo deja pregunta antes si está
`encendido`, y si no lo está no hace nada más.
"""

from __future__ import annotations

import contextvars
import logging
import re
import secrets
from collections.abc import Iterable

registro = logging.getLogger("mensajeria.rastro")

# Lo que dice el ajuste, sin preguntárselo cada vez: `settings` cuesta una llamada.
encendido = False
_NOMBRE = re.compile(rb"[\w.-]{1,64}", re.ASCII)
# La petición HTTP que se atiende en este hilo.
peticion = contextvars.ContextVar("peticion", default="")


def empezar_peticion(cabeceras: Iterable[tuple[bytes, bytes]]) -> None:
    """La que se atiende desde ahora: con el nombre que le puso quien está delante, o con otro."""
    dicho = next((valor for nombre, valor in cabeceras if nombre == b"x-request-id"), b"")
    peticion.set(dicho.decode() if _NOMBRE.fullmatch(dicho) else secrets.token_hex(8))


def anotar(paso: str, **datos: object) -> None:
    """Un paso de algo: `confirmado`, `publicado`, `dado` o `contestado`, y de qué."""
    registro.info(paso, extra={"datos": datos})
