"""La puerta de WebSocket sencilla: un objeto JSON por marco (docs/contrato.md, sección 1)."""

from __future__ import annotations

from typing import Any, NamedTuple

from mensajeria.errores import no_valido
from mensajeria.protocolo.json_estricto import codificar, leer

MAX_ID = 64
MAX_ENTERO = 2**53 - 1

Id = int | str


class Peticion(NamedTuple):
    """`id`: entero o texto de hasta 64; con él, la petición espera respuesta."""

    evento: str
    datos: Any
    id: Id | None


def leer_peticion(texto: str | bytes) -> Peticion:
    """La petición de un marco. Lanza VALIDATION_ERROR si no tiene esa forma."""
    marco = leer(texto)
    if not isinstance(marco, dict):
        raise no_valido("Cada marco es un objeto JSON")
    evento = marco.get("evento")
    if not isinstance(evento, str):
        raise no_valido("Falta el nombre del evento", "evento")
    id_ = marco.get("id")
    if id_ is not None and not _es_id(id_):
        raise no_valido(f"«id» es un entero o un texto de hasta {MAX_ID}", "id")
    return Peticion(evento, marco.get("datos", {}), id_)


def _es_id(valor: Any) -> bool:
    if isinstance(valor, str):
        return len(valor) <= MAX_ID
    return isinstance(valor, int) and not isinstance(valor, bool) and abs(valor) <= MAX_ENTERO


def marco_evento(evento: str, datos: bytes) -> str:
    """El marco de un empuje, a partir de sus datos ya codificados."""
    return f'{{"evento":"{evento}","datos":{datos.decode()}}}'


def marco_respuesta(id_: Id, cuerpo: bytes) -> str:
    """`cuerpo` es `{"ok":…}`, ya codificado; el marco le antepone el evento y el id."""
    return f'{{"evento":"respuesta","id":{codificar(id_).decode()},{cuerpo.decode()[1:]}'
