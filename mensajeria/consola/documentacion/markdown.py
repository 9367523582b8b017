"""`docs/eventos.md`: el catálogo, para leer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mensajeria.consola.documentacion import esquemas
from mensajeria.consola.documentacion.esquemas import REFERENCIA, ejemplo
from mensajeria.consola.documentacion.puertas import PUERTAS
from mensajeria.consola.documentacion.textos import NO_EDITAR
from mensajeria.protocolo.errores import TRADUCCIONES, CodigoError
from mensajeria.protocolo.esquemas import Esquema
from mensajeria.protocolo.eventos import (
    CLIENTE,
    ERRORES_COMUNES,
    ERRORES_DE_CREDENCIAL,
    SERVIDOR,
    EventoCliente,
    EventoServidor,
)

_PALABRAS = {
    "string": "texto",
    "integer": "entero",
    "number": "número",
    "boolean": "lógico",
    "object": "objeto",
    "null": "`null`",
}
_PRINCIPALES = ("Mensaje", "Conversacion")

_SOBRE_ERRORES = """\
## Errores

El código es el contrato. `message` es para una persona y puede ser más preciso que el de aquí.
Por un socket llega como [`error`](#error); por REST, `{code, message, campo?, reintentarEn?,
documentacion}`, con este estado. Qué hacer con cada uno: [errores](errores.md).
"""


def markdown() -> str:
    """`docs/eventos.md`, entero."""
    partes = [
        f"# Eventos\n\n{NO_EDITAR}\n",
        PUERTAS,
        _indice_de_cliente(),
        *(_seccion_de_cliente(e) for e in CLIENTE.values()),
        _indice_de_servidor(),
        *(_seccion_de_servidor(e) for e in SERVIDOR.values()),
        "## Formas\n\nLas mismas por REST y en los eventos.\n",
        *(_seccion_de_forma(nombre) for nombre in _orden_de_formas()),
        _errores(),
    ]
    return "\n".join(partes)


def _tabla(cabecera: str, filas: Iterable[Iterable[str]]) -> str:
    columnas = cabecera.split("|")
    lineas = [columnas, ["---"] * len(columnas), *filas]
    return "".join(f"| {' | '.join(c.strip() for c in linea)} |\n" for linea in lineas)


def _enlace(evento: str) -> str:
    return f"[`{evento}`](#{evento})"


def _codigos(codigos: Iterable[CodigoError]) -> str:
    return ", ".join(f"`{c}`" for c in codigos)


def _indice_de_cliente() -> str:
    filas = (
        (_enlace(e.nombre), e.descripcion, _enlace(e.respuesta) if e.respuesta else "–")
        for e in CLIENTE.values()
    )
    return (
        "## Lo que envía el cliente\n\n"
        + _tabla("evento | qué hace | respuesta", filas)
        + f"\nA cualquiera se le puede negar con {_codigos(ERRORES_COMUNES)}; y a los que exigen\n"
        + f"haberse autenticado, con {_codigos(ERRORES_DE_CREDENCIAL)}. "
        + "Cada sección dice los suyos.\n"
    )


def _seccion_de_cliente(evento: EventoCliente) -> str:
    datos = ejemplo(evento)
    argumentos = [f"'{evento.nombre}'", *([_json(datos)] if datos else []), "(acuse) => {}"]
    marco = _json({"evento": evento.nombre, "datos": datos, "id": 1})
    errores = _codigos(evento.errores) or "solo los comunes"
    return (
        f"### `{evento.nombre}`\n\n{evento.descripcion}"
        + ("" if evento.con_credencial else " Se admite sin haberse autenticado.")
        + f"\n\n{_campos(esquemas.de_evento(evento.carga), 'obligatorio')}\n"
        + f"- Respuesta: {_respuesta(evento)}\n- Errores propios: {errores}.\n\n"
        + f"```js\nsocket.emit({', '.join(argumentos)});\n```\n\n```json\n{marco}\n```\n"
    )


def _json(valor: Any) -> str:
    compacto = json.dumps(valor, ensure_ascii=False)
    return compacto if len(compacto) <= 100 else json.dumps(valor, ensure_ascii=False, indent=2)


def _respuesta(evento: EventoCliente) -> str:
    if evento.respuesta:
        llega = SERVIDOR[evento.respuesta].destinatarios
        return f"{_enlace(evento.respuesta)}, que llega a {llega}; el acuse lleva los mismos datos."
    acuse = evento.acuse
    campos = ", ".join(esquemas.de_evento(acuse)["properties"]) if acuse else ""
    return f"ningún evento propio; el acuse lleva `{{{campos}}}`."


def _campos(esquema: Esquema, obligatorio: str = "siempre") -> str:
    if not esquema["properties"]:
        return "Sin campos.\n"
    filas = (
        (
            f"`{nombre}`",
            _en_palabras(suyo),
            obligatorio if nombre in esquema["required"] else "opcional",
            suyo["description"],
        )
        for nombre, suyo in esquema["properties"].items()
    )
    return _tabla("campo | tipo y límites | presencia | qué es", filas)


def _indice_de_servidor() -> str:
    filas = (
        (_enlace(e.nombre), ", ".join(_propios(e)) or "–", e.destinatarios)
        for e in SERVIDOR.values()
    )
    return "## Lo que envía el servidor\n\nTodos llevan además `timestamp`.\n\n" + _tabla(
        "evento | campos | a quién llega", filas
    )


def _propios(evento: EventoServidor) -> Iterator[str]:
    esquema = esquemas.de_evento(evento.carga)
    for campo in esquema["properties"]:
        if campo != "timestamp":
            yield f"`{campo}`" if campo in esquema["required"] else f"`{campo}?`"


def _seccion_de_servidor(evento: EventoServidor) -> str:
    causas = [_enlace(e.nombre) for e in CLIENTE.values() if e.respuesta == evento.nombre]
    responde = f" Responde a {', '.join(causas)}." if causas else ""
    tabla = _campos(esquemas.de_evento(evento.carga))
    return f"### `{evento.nombre}`\n\nLlega a {evento.destinatarios}.{responde}\n\n{tabla}"


def _orden_de_formas() -> list[str]:
    sin_codigos = [n for n in esquemas.formas() if n != CodigoError.__name__]
    return sorted(sin_codigos, key=lambda n: (n not in _PRINCIPALES, n != _PRINCIPALES[0], n))


def _seccion_de_forma(nombre: str) -> str:
    esquema = esquemas.formas()[nombre]
    titulo = _nombre_de_forma(nombre)
    return f"### Forma `{titulo}`\n\n{_campos(esquema)}"


def _errores() -> str:
    filas = ((f"`{c}`", str(t.http), t.mensaje) for c, t in TRADUCCIONES.items())
    return f"{_SOBRE_ERRORES}\n{_tabla('código | HTTP | mensaje', filas)}"


def _en_palabras(esquema: Esquema) -> str:
    """El tipo y sus límites, en Markdown: `texto (1–36 caracteres)`."""
    if "allOf" in esquema:
        return _en_palabras(esquema["allOf"][0])
    if "$ref" in esquema:
        tipo = esquema["$ref"].removeprefix(REFERENCIA)
        if tipo == CodigoError.__name__:
            return "[código](#errores)"
        return f"[{_nombre_de_forma(tipo)}](#forma-{tipo.lower()})"
    if "anyOf" in esquema:
        return " o ".join(_en_palabras(e) for e in esquema["anyOf"])
    if "enum" in esquema:
        return ", ".join(f"`{v}`" for v in esquema["enum"])
    if esquema.get("type") == "array":
        return f"lista de {_en_palabras(esquema['items'])}"
    if esquema.get("format") == "date-time":
        return "fecha"
    palabra = _PALABRAS[esquema["type"]]
    if isinstance(valores := esquema.get("additionalProperties"), dict):
        palabra = f"objeto de {_en_palabras(valores)}"
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


def _nombre_de_forma(tipo: str) -> str:
    """`ContenidoEnviado` → `contenidoEnviado`."""
    return tipo[:1].lower() + tipo[1:]
