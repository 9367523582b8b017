"""OpenAPI a partir de los tipos del protocolo, sin describirlos otra vez."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from mensajeria.protocolo import cargas, empujes, formas
from mensajeria.protocolo.esquemas import Esquema, generar
from mensajeria.protocolo.tipos import Forma

_REF = "#/components/schemas/"


class Fallo(Forma, kw_only=True):
    """Una negativa: `code` es el del catálogo."""

    code: str
    message: str
    campo: str | msgspec.UnsetType = msgspec.UNSET
    reintentar_en: float | msgspec.UnsetType = msgspec.UNSET


_TIPOS: tuple[type, ...] = (
    formas.Mensaje,
    formas.Conversacion,
    formas.Participante,
    formas.Notificacion,
    empujes.ReaccionAgregada,
    empujes.ReaccionQuitada,
    empujes.EstadisticasDelSistema,
    cargas.EnviarMensaje,
    cargas.EditarMensaje,
    cargas.EliminarMensaje,
    cargas.AgregarReaccion,
    cargas.MarcarLeido,
    cargas.CrearConversacion,
    cargas.ActualizarConversacion,
    cargas.AgregarParticipante,
    cargas.CambiarParticipante,
    Fallo,
)

# Lo que va en la ruta no se repite en el cuerpo.
_DE_LA_RUTA = {"conversacionId", "mensajeId", "usuarioId"}
_CON_USUARIO = {"AgregarParticipante"}


@functools.cache
def _generados() -> tuple[dict[type, Esquema], dict[str, Esquema]]:
    return generar(_TIPOS, _REF)


def de(tipo: type) -> dict[str, Any]:
    """Referencia al esquema de un tipo del protocolo."""
    return _generados()[0][tipo]


def cuerpo(tipo: type) -> dict[str, Any]:
    """El cuerpo de una petición: el tipo sin lo que ya dice la ruta."""
    nombre = _generados()[0][tipo]["$ref"].rsplit("/", 1)[-1]
    entero = _generados()[1][nombre]
    fuera = _DE_LA_RUTA - ({"usuarioId"} if tipo.__name__ in _CON_USUARIO else set())
    return {
        "application/json": {
            "type": "object",
            "properties": {k: v for k, v in entero["properties"].items() if k not in fuera},
            "required": [c for c in entero.get("required", []) if c not in fuera],
        }
    }


def pagina(tipo: type) -> dict[str, Any]:
    """Una página por cursor de ese tipo."""
    enlace = {"type": "string", "format": "uri", "nullable": True}
    return {
        "type": "object",
        "properties": {
            "next": enlace,
            "previous": enlace,
            "results": {"type": "array", "items": de(tipo)},
        },
        "required": ["next", "previous", "results"],
    }


def agregar_componentes(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Gancho de drf-spectacular: suma los esquemas del protocolo y la respuesta de error común."""
    componentes = result.setdefault("components", {}).setdefault("schemas", {})
    componentes.update(_generados()[1])
    fallo = {"description": "Negativa", "content": {"application/json": {"schema": de(Fallo)}}}
    for ruta in result["paths"].values():
        for operacion in ruta.values():
            operacion["responses"].setdefault("default", fallo)
    return result
