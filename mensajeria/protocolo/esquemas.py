"""Esquemas JSON de los tipos del catálogo, con sus campos explicados, y su lectura en español."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from msgspec.structs import fields

from mensajeria.errores import CodigoError
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR
from mensajeria.protocolo.textos import significado
from mensajeria.protocolo.tipos import Carga, Fecha, Forma

Esquema = dict[str, Any]
Tipo = type[Carga] | type[Forma]

REFERENCIA = "#/components/schemas/"
DESCRIPCION_DE_FECHA = get_args(Fecha)[1].description
_PALABRAS = {
    "string": "texto",
    "integer": "entero",
    "number": "número",
    "boolean": "lógico",
    "object": "objeto",
    "null": "`null`",
}


@functools.cache
def _generados() -> tuple[dict[Tipo, Esquema], dict[str, Esquema]]:
    """El esquema de cada evento, y aparte las formas que comparten."""
    propios: dict[Tipo, Esquema] = {}
    comunes: dict[str, Esquema] = {}
    cargas = (e.carga for e in CLIENTE.values())
    eventos: Iterable[Tipo] = (*cargas, *(e.acuse for e in CLIENTE.values() if e.acuse))
    for tipo in (*eventos, *(e.carga for e in SERVIDOR.values())):
        _, partes = msgspec.json.schema_components([tipo], ref_template=REFERENCIA + "{name}")
        propios[tipo] = _explicado(tipo.__name__, partes.pop(tipo.__name__))
        propios[tipo]["required"] = _obligatorios(tipo)
        for nombre, esquema in partes.items():
            comunes.setdefault(nombre, _explicado(nombre, esquema))
    return propios, dict(sorted(comunes.items()))


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


def en_palabras(esquema: Esquema) -> str:
    """El tipo y sus límites, en Markdown: `texto (1–36 caracteres)`."""
    if "allOf" in esquema:
        return en_palabras(esquema["allOf"][0])
    if "$ref" in esquema:
        tipo = esquema["$ref"].removeprefix(REFERENCIA)
        if tipo == CodigoError.__name__:
            return "[código](#errores)"
        return f"[{nombre_de_forma(tipo)}](#forma-{tipo.lower()})"
    if "anyOf" in esquema:
        return " o ".join(en_palabras(e) for e in esquema["anyOf"])
    if "enum" in esquema:
        return ", ".join(f"`{v}`" for v in esquema["enum"])
    if esquema.get("type") == "array":
        return f"lista de {en_palabras(esquema['items'])}"
    if esquema.get("format") == "date-time":
        return "fecha"
    palabra = _PALABRAS[esquema["type"]]
    if isinstance(valores := esquema.get("additionalProperties"), dict):
        palabra = f"objeto de {en_palabras(valores)}"
    limites = ", ".join(_limites(esquema))
    return f"{palabra} ({limites})" if limites else palabra


def _limites(esquema: Esquema) -> Iterable[str]:
    for desde, hasta, unidad in (
        ("minLength", "maxLength", " caracteres"),
        ("minimum", "maximum", ""),
        ("minProperties", "maxProperties", " claves"),
    ):
        menor, mayor = esquema.get(desde), esquema.get(hasta)
        if mayor == 2**53 - 1:
            yield f"desde {_cifra(menor)}"
        elif mayor is not None:
            yield (f"{_cifra(menor)}–" if menor is not None else "hasta ") + _cifra(mayor) + unidad
    if "pattern" in esquema:
        yield "formato `" + esquema["pattern"].replace("|", "\\|") + "`"


def _cifra(n: int | None) -> str:
    return f"{n or 0:,}".replace(",", ".")


def nombre_de_forma(tipo: str) -> str:
    """`ContenidoEnviado` → `contenidoEnviado`."""
    return tipo[:1].lower() + tipo[1:]
