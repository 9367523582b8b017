"""Los marcos de la puerta sencilla: un objeto JSON por trama (docs/contrato.md, sección 1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from json.encoder import encode_basestring_ascii
from typing import Any

from mensajeria.protocolo.errores import ErrorMensajeria, no_valido
from mensajeria.protocolo.eventos import sin_campos
from mensajeria.protocolo.json_estricto import DEMASIADO_HONDO, decodificar, valor_de_fuera
from mensajeria.protocolo.textos import es_unicode, lleva_controles
from mensajeria.sesion.conexion import Id, Peticion

MAX_ID = 64
MAX_ENTERO = 2**53 - 1

Contestar = Callable[[Id, bytes], None]


def leer_peticion(trama: str | bytes, responder: Contestar) -> Peticion:
    """La petición de una trama. Lanza VALIDATION_ERROR si no tiene esa forma.

    La de un evento sin campos la tiene, lleve lo que lleve en `datos`.

    Con `id` (entero, o texto de hasta 64) espera respuesta: `responder` la envía.
    """
    try:
        marco = decodificar(trama)
    except ErrorMensajeria as error:
        # Lo demasiado hondo no se lee: podría no ser ni JSON.
        de_sus_datos = error.campo is None or error.campo.split(".")[0] == "datos"
        if de_sus_datos and error.mensaje != DEMASIADO_HONDO:
            peticion = peticion_negada(trama, responder)
            if sin_campos(peticion.evento):
                return peticion
        if error.campo is not None:
            error.campo = error.campo.removeprefix("datos.")
        raise
    if not isinstance(marco, dict):
        raise no_valido("Cada marco es un objeto JSON")
    evento = marco.get("evento")
    if not isinstance(evento, str):
        raise no_valido("Falta el nombre del evento", "evento")
    id_ = marco.get("id")
    if id_ is not None and not _es_id(id_):
        raise no_valido(f"«id» es un entero o un texto de hasta {MAX_ID}", "id")
    return _peticion(evento, (marco["datos"],) if "datos" in marco else (), id_, responder)


def peticion_negada(trama: str | bytes, responder: Contestar) -> Peticion:
    """Lo que se sabe de una trama que no se admite: su evento y su id, si están bien, aunque lo
    demás no; vacía si no es JSON. Quien la envió espera su respuesta igual.
    """
    try:
        marco = _leida(trama)
    except RecursionError:
        marco = {campo: valor_de_fuera(trama, campo) for campo in ("evento", "id")}
    except ValueError:
        return Peticion()
    if not isinstance(marco, dict):
        return Peticion()
    evento, id_ = marco.get("evento"), marco.get("id")
    if not isinstance(evento, str) or lleva_controles(evento) or not es_unicode(evento):
        evento = ""
    return _peticion(evento, (), id_ if _es_id(id_) else None, responder)


def _leida(trama: str | bytes) -> Any:
    """Con la biblioteca corriente, que lee también lo que aquí no se admite."""
    # Un entero de más de 4.300 cifras sería un ValueError.
    return json.loads(trama, parse_int=_entero, parse_constant=_sin_constantes)


def _entero(cifras: str) -> int | float:
    return int(cifras) if len(cifras) < 20 else float("inf")


def _sin_constantes(constante: str) -> Any:
    raise ValueError(constante)


def _peticion(
    evento: str, argumentos: tuple[Any, ...], id_: Id | None, responder: Contestar
) -> Peticion:
    if id_ is None:
        return Peticion(evento, argumentos)
    # El de `error` va en UTF-8, donde no cabe medio par de sustitutos; en la respuesta, escapado.
    decible = id_ if isinstance(id_, int) or es_unicode(id_) else None
    return Peticion(evento, argumentos, decible, partial(responder, id_))


def _es_id(valor: Any) -> bool:
    if isinstance(valor, str):
        return len(valor) <= MAX_ID
    return isinstance(valor, int) and not isinstance(valor, bool) and abs(valor) <= MAX_ENTERO


def marco_evento(evento: str, datos: bytes) -> str:
    """El marco de un empuje, a partir de sus datos ya codificados."""
    return f'{{"evento":"{evento}","datos":{datos.decode()}}}'


def marco_respuesta(id_: Id, cuerpo: bytes) -> str:
    """`cuerpo` es `{"ok":…}`, ya codificado; el marco le antepone el evento y el id."""
    propio = id_ if isinstance(id_, int) else encode_basestring_ascii(id_)
    return f'{{"evento":"respuesta","id":{propio},{cuerpo.decode()[1:]}'
