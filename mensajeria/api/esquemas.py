"""OpenAPI a partir de los tipos del protocolo, sin describirlos otra vez."""

from __future__ import annotations

from typing import Any

import msgspec

from mensajeria.protocolo.esquemas import Esquema, generar
from mensajeria.protocolo.tipos import Carga, Forma

_REF = "#/components/schemas/"


class Fallo(Forma, kw_only=True):
    """Una negativa: `code` es el del catálogo."""

    code: str
    message: str
    campo: str | msgspec.UnsetType = msgspec.UNSET
    reintentar_en: float | msgspec.UnsetType = msgspec.UNSET


# Los de cada tipo que nombra alguna vista, con sus partes.
_componentes: dict[str, Esquema] = {}


def de(tipo: type) -> dict[str, Any]:
    """Referencia al esquema de un tipo del protocolo, que desde ahora es un componente."""
    suyos, partes = generar([tipo], _REF)
    _componentes.update(partes)
    return suyos[tipo]


def cuerpo(tipo: type[Carga], *de_la_ruta: str) -> dict[str, Any]:
    """El cuerpo de una petición: el tipo, sin los campos que ya dice la ruta."""
    nombre = de(tipo)["$ref"].removeprefix(_REF)
    entero = _componentes[nombre]
    assert set(de_la_ruta) <= entero["properties"].keys(), f"{nombre} no tiene {de_la_ruta}"
    return {
        "application/json": {
            "type": "object",
            "properties": {k: v for k, v in entero["properties"].items() if k not in de_la_ruta},
            "required": [c for c in entero.get("required", []) if c not in de_la_ruta],
        }
    }


def pagina(tipo: type, **mas: str) -> dict[str, Any]:
    """Una página por cursor de ese tipo, con `mas` campos: el tipo de JSON de cada uno."""
    enlace = {"type": "string", "format": "uri", "nullable": True}
    return {
        "type": "object",
        "properties": {
            "next": enlace,
            "previous": enlace,
            "results": {"type": "array", "items": de(tipo)},
            **{nombre: {"type": tipo_de_json} for nombre, tipo_de_json in mas.items()},
        },
        "required": ["next", "previous", "results", *mas],
    }


def agregar_componentes(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Gancho de drf-spectacular: suma los esquemas del protocolo y la respuesta de error común."""
    fallo = {"description": "Negativa", "content": {"application/json": {"schema": de(Fallo)}}}
    componentes = result.setdefault("components", {}).setdefault("schemas", {})
    componentes.update(sorted(_componentes.items()))
    for ruta in result["paths"].values():
        for operacion in ruta.values():
            operacion["responses"].setdefault("default", fallo)
    return result
