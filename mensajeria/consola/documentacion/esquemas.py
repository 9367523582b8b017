"""Los esquemas y los ejemplos del catálogo, con cada campo explicado."""

from __future__ import annotations

import functools
from typing import Any, get_args

import msgspec
from msgspec.structs import fields

from mensajeria.consola.documentacion.textos import significado
from mensajeria.protocolo.esquemas import Esquema, generar
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR, EventoCliente
from mensajeria.protocolo.tipos import Carga, Fecha, Forma

Tipo = type[Carga] | type[Forma]

REFERENCIA = "#/components/schemas/"
DESCRIPCION_DE_FECHA = get_args(Fecha)[1].description


@functools.cache
def _generados() -> tuple[dict[Tipo, Esquema], dict[str, Esquema]]:
    """El esquema de cada evento, y aparte las formas que comparten."""
    tipos: list[Tipo] = [e.carga for e in CLIENTE.values()]
    tipos += [e.acuse for e in CLIENTE.values() if e.acuse]
    tipos += [e.carga for e in SERVIDOR.values()]
    _, partes = generar(tipos, REFERENCIA)
    propios = {}
    for tipo in tipos:
        propios[tipo] = _explicado(tipo.__name__, partes.pop(tipo.__name__))
        propios[tipo]["required"] = _obligatorios(tipo)
    return propios, {nombre: _explicado(nombre, e) for nombre, e in sorted(partes.items())}


def _explicado(tipo: str, esquema: Esquema) -> Esquema:
    # El docstring es para quien programa el servidor; el nombre ya es la clave.
    esquema = {c: v for c, v in esquema.items() if c not in ("title", "description")}
    for campo, suyo in esquema.get("properties", {}).items():
        texto, limpio = significado(tipo, campo), _limpio(suyo)
        # Junto a `$ref`, en el borrador 7 se ignora todo lo demás.
        sin_ref = {"allOf": [limpio]} if "$ref" in limpio else limpio
        esquema["properties"][campo] = {"description": texto, **sin_ref}
    return esquema


def _limpio(esquema: Esquema) -> Esquema:
    """Sin las descripciones de los tipos básicos, y las fechas con su formato."""
    if esquema.get("description") == DESCRIPCION_DE_FECHA:
        return {"type": "string", "format": "date-time"}
    limpio = {clave: valor for clave, valor in esquema.items() if clave != "description"}
    if "anyOf" in limpio:
        limpio["anyOf"] = [_limpio(e) for e in limpio["anyOf"]]
    if "propertyNames" in limpio:
        limpio["propertyNames"] = _limpio(limpio["propertyNames"])
    return limpio


def _obligatorios(tipo: Tipo) -> list[str]:
    """De lo que enviamos está siempre todo lo que no sea UNSET, tenga o no valor por defecto."""
    if issubclass(tipo, Forma):
        return [f.encode_name for f in fields(tipo) if f.default is not msgspec.UNSET]
    return [f.encode_name for f in fields(tipo) if f.required]


def de_evento(tipo: Tipo) -> Esquema:
    """El esquema de los `datos` de un evento; sus partes son referencias a `formas()`."""
    return _generados()[0][tipo]


def formas() -> dict[str, Esquema]:
    """Las formas que los eventos comparten, por su nombre."""
    return _generados()[1]


MENSAJE_DE_EJEMPLO = "64f0c1d2e3a4b5c6d7e8f901"


def ejemplo(evento: EventoCliente) -> dict[str, Any]:
    """El del catálogo, con un identificador donde hace falta uno que solo da el servidor."""
    return {c: MENSAJE_DE_EJEMPLO if v == "" else v for c, v in evento.ejemplo.items()}
