"""`eventos.d.ts`: los tipos del catálogo para JavaScript, sin describirlos otra vez."""

from __future__ import annotations

import functools
import json
import textwrap
from collections.abc import Iterator
from typing import Any

from mensajeria.consola.documentacion import esquemas
from mensajeria.consola.documentacion.esquemas import REFERENCIA
from mensajeria.consola.documentacion.textos import NO_EDITAR
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.esquemas import Esquema, generar
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR, EventoCliente
from mensajeria.protocolo.tipos import Forma

_CABECERA = f"""\
/**
 * Los eventos del contrato y sus formas, tal y como viajan; explicados en docs/eventos.md.
 * {NO_EDITAR}
 */
"""
_SIMPLES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def declaraciones() -> str:
    """`static/mensajeria/cliente/eventos.d.ts`, entero."""
    partes = [_CABECERA, _codigos(), *(_forma(n, e) for n, e in _formas().items())]
    partes.append(_mapa("EventosCliente", "Los `datos` de lo que envía el cliente.", _cliente()))
    partes.append(_mapa("EventosServidor", "Los `datos` de lo que envía el servidor.", _servidor()))
    partes.append(
        _mapa("Respuestas", "Los `datos` del acuse de cada petición que sale bien.", _respuestas())
    )
    return "\n".join(partes)


def _codigos() -> str:
    return "export type CodigoError =\n" + "\n".join(f'  | "{c}"' for c in CodigoError) + ";\n"


@functools.cache
def _formas() -> dict[str, Esquema]:
    """Las que comparten los eventos, y las que solo van por REST."""
    todas = [t for t in vars(formas).values() if isinstance(t, type) and issubclass(t, Forma)]
    _, de_rest = generar([t for t in todas if t is not Forma], REFERENCIA)
    juntas = {**de_rest, **esquemas.formas()}
    del juntas[CodigoError.__name__]
    return dict(sorted(juntas.items()))


def _forma(nombre: str, esquema: Esquema) -> str:
    return f"export interface {nombre} {_objeto(esquema, '')}\n"


def _mapa(nombre: str, que_es: str, tipos: Iterator[tuple[str, str, str]]) -> str:
    campos = "".join(f"{_nota(nota, '  ')}  {evento}: {tipo};\n" for evento, nota, tipo in tipos)
    return f"/** {que_es} */\nexport interface {nombre} {{\n{campos}}}\n"


def _cliente() -> Iterator[tuple[str, str, str]]:
    for e in CLIENTE.values():
        yield e.nombre, e.descripcion, _objeto(esquemas.de_evento(e.carga), "  ")


def _servidor() -> Iterator[tuple[str, str, str]]:
    for e in SERVIDOR.values():
        yield e.nombre, f"Llega a {e.destinatarios}.", _objeto(esquemas.de_evento(e.carga), "  ")


def _respuestas() -> Iterator[tuple[str, str, str]]:
    for e in CLIENTE.values():
        yield e.nombre, "", _respuesta(e)


def _respuesta(evento: EventoCliente) -> str:
    if evento.respuesta:
        return f'EventosServidor["{evento.respuesta}"]'
    return _objeto(esquemas.de_evento(evento.acuse), "  ") if evento.acuse else _VACIO


_VACIO = "Record<string, never>"


def _objeto(esquema: Esquema, sangria: str) -> str:
    if not esquema["properties"]:
        return _VACIO
    obligatorios = esquema.get("required", [])
    dentro = sangria + "  "
    campos = "".join(
        f"{_nota(suyo.get('description', ''), dentro)}"
        f"{dentro}{campo}{'' if campo in obligatorios else '?'}: {_tipo(suyo)};\n"
        for campo, suyo in esquema["properties"].items()
    )
    return f"{{\n{campos}{sangria}}}"


def _nota(texto: str, sangria: str) -> str:
    if not texto:
        return ""
    lineas = textwrap.wrap(texto, 100 - len(sangria) - 7)
    if len(lineas) == 1:
        return f"{sangria}/** {lineas[0]} */\n"
    return f"{sangria}/**\n" + "".join(f"{sangria} * {li}\n" for li in lineas) + f"{sangria} */\n"


def _tipo(esquema: Esquema) -> str:
    if "allOf" in esquema:
        return _tipo(esquema["allOf"][0])
    if "$ref" in esquema:
        return str(esquema["$ref"].removeprefix(REFERENCIA))
    if "anyOf" in esquema:
        return " | ".join(_tipo(e) for e in esquema["anyOf"])
    if "enum" in esquema:
        return " | ".join(json.dumps(v) for v in esquema["enum"])
    if esquema["type"] == "array":
        if partes := esquema.get("prefixItems"):
            return f"[{', '.join(map(_tipo, partes))}]"
        return f"Array<{_tipo(esquema['items'])}>"
    if esquema["type"] == "object":
        valores: Any = esquema.get("additionalProperties")
        return f"Record<string, {_tipo(valores) if isinstance(valores, dict) else 'unknown'}>"
    return _SIMPLES[esquema["type"]]
