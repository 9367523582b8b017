"""Los marcos de la puerta sencilla: un objeto JSON por trama (docs/contrato.md, sección 1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.json_estricto import codificar, decodificar
from mensajeria.sesion.conexion import Id, Peticion

MAX_ID = 64
MAX_ENTERO = 2**53 - 1


def leer_peticion(trama: str | bytes, responder: Callable[[Id, bytes], None]) -> Peticion:
    """La petición de una trama. Lanza VALIDATION_ERROR si no tiene esa forma.

    Con `id` (entero, o texto de hasta 64) espera respuesta: `responder` la envía.
    """
    marco = decodificar(trama)
    if not isinstance(marco, dict):
        raise no_valido("Cada marco es un objeto JSON")
    evento = marco.get("evento")
    if not isinstance(evento, str):
        raise no_valido("Falta el nombre del evento", "evento")
    id_ = marco.get("id")
    if id_ is not None and not _es_id(id_):
        raise no_valido(f"«id» es un entero o un texto de hasta {MAX_ID}", "id")
    argumentos = (marco["datos"],) if "datos" in marco else ()
    if id_ is None:
        return Peticion(evento, argumentos, id_)
    return Peticion(evento, argumentos, id_, partial(responder, id_))


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
