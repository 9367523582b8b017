"""La documentación de los eventos, hecha del catálogo: Markdown para leer y AsyncAPI para máquinas.

Pura: devuelve textos; quien los escribe en `docs/` es `manage.py documentar`. PyYAML llega al
producto con drf-spectacular, que lo exige para su OpenAPI.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from mensajeria.errores import TRADUCCIONES, CodigoError
from mensajeria.protocolo import esquemas
from mensajeria.protocolo.esquemas import Esquema
from mensajeria.protocolo.eventos import (
    CLIENTE,
    ERRORES_COMUNES,
    ERRORES_DE_SESION,
    SERVIDOR,
    EventoCliente,
    EventoServidor,
)
from mensajeria.protocolo.textos import PUERTAS

VERSION = "1.0.0"
MENSAJE_DE_EJEMPLO = "64f0c1d2e3a4b5c6d7e8f901"
_NO_EDITAR = "Hecho con `manage.py documentar` a partir del catálogo; no se edita a mano."
_PRINCIPALES = ("Mensaje", "Conversacion")

_SOBRE_ERRORES = """\
## Errores

El código es el contrato. `message` es para una persona y puede ser más preciso que el de aquí.
Por REST llega el mismo `{code, message, campo?}`, con este estado.
"""


def ejemplo(evento: EventoCliente) -> dict[str, Any]:
    """El del catálogo, con un identificador donde hace falta uno que solo da el servidor."""
    return {c: MENSAJE_DE_EJEMPLO if v == "" else v for c, v in evento.ejemplo.items()}


# Markdown


def markdown() -> str:
    """`docs/eventos.md`, entero."""
    partes = [
        f"# Eventos\n\n{_NO_EDITAR}\n",
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
        + f"haberse autenticado, con {_codigos(ERRORES_DE_SESION)}. Cada sección dice los suyos.\n"
    )


def _seccion_de_cliente(evento: EventoCliente) -> str:
    datos = ejemplo(evento)
    argumentos = [f"'{evento.nombre}'", *([_json(datos)] if datos else []), "(acuse) => {}"]
    marco = _json({"evento": evento.nombre, "datos": datos, "id": 1})
    errores = _codigos(evento.errores) or "solo los comunes"
    return (
        f"### `{evento.nombre}`\n\n{evento.descripcion}"
        + ("" if evento.con_sesion else " Se admite sin haberse autenticado.")
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
    return f"ningún evento; el acuse lleva `{{{campos}}}`."


def _campos(esquema: Esquema, obligatorio: str = "siempre") -> str:
    if not esquema["properties"]:
        return "Sin campos.\n"
    filas = (
        (
            f"`{nombre}`",
            esquemas.en_palabras(suyo),
            obligatorio if nombre in esquema["required"] else _opcional(suyo),
            suyo["description"],
        )
        for nombre, suyo in esquema["properties"].items()
    )
    return _tabla("campo | tipo y límites | presencia | qué es", filas)


def _opcional(suyo: Esquema) -> str:
    if suyo.get("default") in (None, ""):
        return "opcional"
    return f"opcional; `{json.dumps(suyo['default'], ensure_ascii=False)}`"


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
    titulo = esquemas.nombre_de_forma(nombre)
    return f"### Forma `{titulo}`\n\n{_campos(esquema)}"


def _errores() -> str:
    filas = ((f"`{c}`", str(t.http), t.mensaje) for c, t in TRADUCCIONES.items())
    return f"{_SOBRE_ERRORES}\n{_tabla('código | HTTP | mensaje', filas)}"


# AsyncAPI


def asyncapi() -> dict[str, Any]:
    """El documento AsyncAPI 3.0: las dos puertas, un mensaje por evento y lo que responde cada uno.

    Por Socket.IO el mensaje son los `datos`; por la puerta sencilla, el marco que los envuelve.
    """
    mensajes = dict(_mensajes())
    return copy.deepcopy(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "Servitech Mensajería",
                "version": VERSION,
                "description": f"Los eventos en vivo; explicados en docs/eventos.md. {_NO_EDITAR}",
            },
            "defaultContentType": "application/json",
            "servers": _SERVIDORES,
            "channels": {puerta: _canal(puerta, mensajes) for puerta in _SERVIDORES},
            "operations": {
                clave: operacion
                for puerta in _SERVIDORES
                for clave, operacion in _operaciones(puerta)
            },
            "components": {
                "messages": mensajes,
                "schemas": {**esquemas.formas(), "Id": _ID},
                "correlationIds": {"peticion": {"location": "$message.payload#/id"}},
            },
        }
    )


_ID: Esquema = {
    "description": "Lo pone el cliente; con él, la petición espera respuesta",
    "oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 64}],
}
_SERVIDORES: dict[str, Esquema] = {
    "socketio": {
        "host": "localhost:3000",
        "pathname": "/socket.io/",
        "protocol": "socketio",
        "protocolVersion": "5",
        "description": "Socket.IO 5 sobre Engine.IO 4: sondeo HTTP, WebSocket y el paso de uno a "
        "otro. El mensaje es el único argumento del evento.",
    },
    "websocket": {
        "host": "localhost:3000",
        "protocol": "ws",
        "description": "WebSocket sencillo: un objeto JSON por marco.",
    },
}
_DIRECCIONES = {"socketio": "/", "websocket": "/ws/mensajeria/"}
RESPUESTAS = {"socketio": "acuse", "websocket": "respuesta"}


def _mensajes() -> Iterator[tuple[str, Esquema]]:
    for e in CLIENTE.values():
        datos = {"name": e.nombre, "summary": e.descripcion, "payload": esquemas.de_evento(e.carga)}
        yield e.nombre, {**datos, "examples": [{"payload": ejemplo(e)}]}
        yield _marco(e.nombre), _enmarcado(datos, con_id=True)
    for s in SERVIDOR.values():
        llega = f"Llega a {s.destinatarios}."
        datos = {"name": s.nombre, "summary": llega, "payload": esquemas.de_evento(s.carga)}
        yield s.nombre, datos
        yield _marco(s.nombre), _enmarcado(datos, con_id=False)
    yield "acuse", {"name": "acuse", "payload": _resultado({}, "Lo que recibe el acuse.")}
    marco = {"evento": {"const": "respuesta"}, "id": {"$ref": "#/components/schemas/Id"}}
    yield (
        "respuesta",
        {
            "name": "respuesta",
            "correlationId": {"$ref": "#/components/correlationIds/peticion"},
            "payload": _resultado(marco, "La respuesta a una petición con `id`."),
        },
    )


def _marco(nombre: str) -> str:
    return f"{nombre}.marco"


def _enmarcado(datos: Esquema, con_id: bool) -> Esquema:
    nombre = datos["name"]
    campos: Esquema = {
        "evento": {"const": nombre},
        "datos": {"$ref": f"#/components/messages/{nombre}/payload"},
    }
    obligatorios = list(campos)
    correlacion = {}
    if con_id:
        campos["id"] = {"$ref": "#/components/schemas/Id"}
        correlacion = {"correlationId": {"$ref": "#/components/correlationIds/peticion"}}
        if not datos["payload"]["required"]:
            obligatorios.remove("datos")
    payload = {"type": "object", "properties": campos, "required": obligatorios}
    return {"name": nombre, "summary": datos["summary"], **correlacion, "payload": payload}


def _resultado(marco: Esquema, descripcion: str) -> Esquema:
    def de(ok: bool, campo: str, esquema: Esquema) -> Esquema:
        campos = {**marco, "ok": {"const": ok}, campo: esquema}
        return {"type": "object", "properties": campos, "required": list(campos)}

    error = {"$ref": "#/components/messages/error/payload"}
    return {
        "description": descripcion,
        "oneOf": [de(True, "datos", {"type": "object"}), de(False, "error", error)],
    }


def _clave(puerta: str, nombre: str) -> str:
    return nombre if puerta == "socketio" else _marco(nombre)


def _canal(puerta: str, mensajes: dict[str, Esquema]) -> Esquema:
    nombres = [*CLIENTE, *SERVIDOR]
    claves = {n: _clave(puerta, n) for n in nombres} | {RESPUESTAS[puerta]: RESPUESTAS[puerta]}
    return {
        "address": _DIRECCIONES[puerta],
        "servers": [{"$ref": f"#/servers/{puerta}"}],
        "messages": {n: {"$ref": f"#/components/messages/{c}"} for n, c in claves.items()},
    }


def _operaciones(puerta: str) -> Iterator[tuple[str, Esquema]]:
    canal = f"#/channels/{puerta}"

    def refs(*nombres: str) -> list[Esquema]:
        return [{"$ref": f"{canal}/messages/{n}"} for n in nombres]

    for e in CLIENTE.values():
        contesta = (*((e.respuesta,) if e.respuesta else ()), "error", RESPUESTAS[puerta])
        yield (
            f"{puerta}.{e.nombre}",
            {
                "action": "receive",
                "channel": {"$ref": canal},
                "summary": e.descripcion,
                "messages": refs(e.nombre),
                "reply": {"channel": {"$ref": canal}, "messages": refs(*contesta)},
                "x-errores": [str(c) for c in e.errores_posibles],
            },
        )
    yield (
        f"{puerta}.emitir",
        {"action": "send", "channel": {"$ref": canal}, "messages": refs(*SERVIDOR)},
    )


class _SinAlias(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def asyncapi_yaml() -> str:
    """`docs/asyncapi.yaml`, entero."""
    return yaml.dump(asyncapi(), Dumper=_SinAlias, sort_keys=False, allow_unicode=True, width=100)
