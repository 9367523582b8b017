"""OpenAPI a partir de los tipos del protocolo, sin describirlos otra vez."""

from __future__ import annotations

from typing import Any

from mensajeria.protocolo.esquemas import Esquema, generar
from mensajeria.protocolo.tipos import Carga

REFERENCIA = "#/components/schemas/"

# Los de cada tipo que nombra alguna vista, con sus partes.
_componentes: dict[str, Esquema] = {}


def de(tipo: type) -> dict[str, Any]:
    """Referencia al esquema de un tipo del protocolo, que desde ahora es un componente."""
    suyos, partes = generar([tipo], REFERENCIA)
    _componentes.update(partes)
    return suyos[tipo]


def componentes(*mas: type) -> dict[str, Esquema]:
    """Los de todos los tipos nombrados, y los de `mas`, por nombre."""
    for tipo in mas:
        de(tipo)
    return dict(sorted(_componentes.items()))


def cuerpo(tipo: type[Carga], *de_la_ruta: str) -> dict[str, Any]:
    """El cuerpo de una petición: el tipo, sin los campos que ya dice la ruta."""
    nombre = de(tipo)["$ref"].removeprefix(REFERENCIA)
    entero = _componentes[nombre]
    assert set(de_la_ruta) <= entero["properties"].keys(), f"{nombre} no tiene {de_la_ruta}"
    return {
        "application/json": {
            "type": "object",
            "properties": {k: v for k, v in entero["properties"].items() if k not in de_la_ruta},
            "required": [c for c in entero.get("required", []) if c not in de_la_ruta],
        }
    }


def lista(tipo: type) -> dict[str, Any]:
    return {"type": "array", "items": de(tipo)}


def pagina(tipo: type, **mas: str) -> dict[str, Any]:
    """Una página por cursor de ese tipo, con `mas` campos: el tipo de JSON de cada uno."""
    enlace = {"type": ["string", "null"], "format": "uri"}
    return {
        "type": "object",
        "properties": {
            "next": enlace,
            "previous": enlace,
            "results": lista(tipo),
            **{nombre: {"type": tipo_de_json} for nombre, tipo_de_json in mas.items()},
        },
        "required": ["next", "previous", "results", *mas],
    }
