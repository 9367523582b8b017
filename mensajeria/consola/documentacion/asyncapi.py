"""`docs/asyncapi.yaml`: el catálogo, para máquinas.

PyYAML llega al producto con drf-spectacular, que lo exige para su OpenAPI.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import yaml

from mensajeria import VERSION
from mensajeria.consola.documentacion import esquemas
from mensajeria.consola.documentacion.esquemas import ejemplo
from mensajeria.consola.documentacion.textos import NO_EDITAR
from mensajeria.protocolo.esquemas import Esquema
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR


def asyncapi() -> dict[str, Any]:
    """El documento AsyncAPI 3.0: las dos puertas, un mensaje por evento y lo que responde cada uno.

    Por Socket.IO el mensaje son los `datos`; por la puerta sencilla, el marco que los envuelve.
    """
    return copy.deepcopy(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "Servitech Mensajería",
                "version": VERSION,
                "description": f"Los eventos en vivo; explicados en docs/eventos.md. {NO_EDITAR}",
            },
            "defaultContentType": "application/json",
            "servers": _SERVIDORES,
            "channels": {puerta: _canal(puerta) for puerta in _SERVIDORES},
            "operations": {
                clave: operacion
                for puerta in _SERVIDORES
                for clave, operacion in _operaciones(puerta)
            },
            "components": {
                "messages": dict(_mensajes()),
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


def _canal(puerta: str) -> Esquema:
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
