"""El catálogo de errores: un código estable y una traducción para cada transporte.

Fuente: docs/contrato.md, sección 2. Nadie interpreta textos: el código es el contrato y
el `message`, en español, es para una persona.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, NamedTuple


class CodigoError(StrEnum):
    AUTH_REQUIRED = "AUTH_REQUIRED"
    AUTH_INVALID = "AUTH_INVALID"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    USER_MISMATCH = "USER_MISMATCH"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    UNKNOWN_EVENT = "UNKNOWN_EVENT"
    RATE_LIMITED = "RATE_LIMITED"
    CONFLICT = "CONFLICT"
    CONVERSATION_CLOSED = "CONVERSATION_CLOSED"
    EDIT_WINDOW_CLOSED = "EDIT_WINDOW_CLOSED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    FILE_EMPTY = "FILE_EMPTY"
    FILE_TYPE_NOT_ALLOWED = "FILE_TYPE_NOT_ALLOWED"
    FILE_DAMAGED = "FILE_DAMAGED"
    FILE_AMBIGUOUS = "FILE_AMBIGUOUS"
    FILE_BOMB = "FILE_BOMB"
    FILE_INFECTED = "FILE_INFECTED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class Traduccion(NamedTuple):
    """Cómo sale un código: estado HTTP en REST y `message` por defecto en todos lados."""

    http: int
    mensaje: str


TRADUCCIONES: dict[CodigoError, Traduccion] = {
    CodigoError.AUTH_REQUIRED: Traduccion(401, "Usuario no autenticado"),
    CodigoError.AUTH_INVALID: Traduccion(401, "Token inválido"),
    CodigoError.TOKEN_EXPIRED: Traduccion(401, "El token ha caducado"),
    CodigoError.USER_MISMATCH: Traduccion(403, "El token pertenece a otro usuario"),
    CodigoError.PERMISSION_DENIED: Traduccion(403, "Sin permisos para esta acción"),
    CodigoError.NOT_FOUND: Traduccion(404, "No existe o no está a tu alcance"),
    CodigoError.VALIDATION_ERROR: Traduccion(400, "Los datos enviados no son válidos"),
    CodigoError.UNKNOWN_EVENT: Traduccion(400, "Evento desconocido"),
    CodigoError.RATE_LIMITED: Traduccion(429, "Límite de eventos excedido"),
    CodigoError.CONFLICT: Traduccion(409, "Choca con lo que ya hay guardado"),
    CodigoError.CONVERSATION_CLOSED: Traduccion(409, "La conversación está cerrada"),
    CodigoError.EDIT_WINDOW_CLOSED: Traduccion(409, "El plazo para editar ha terminado"),
    CodigoError.PAYLOAD_TOO_LARGE: Traduccion(413, "El contenido es demasiado grande"),
    CodigoError.FILE_EMPTY: Traduccion(400, "El archivo está vacío"),
    CodigoError.FILE_TYPE_NOT_ALLOWED: Traduccion(415, "Ese tipo de archivo no se admite"),
    CodigoError.FILE_DAMAGED: Traduccion(422, "El archivo está dañado o incompleto"),
    CodigoError.FILE_AMBIGUOUS: Traduccion(422, "El archivo lleva dentro otro formato"),
    CodigoError.FILE_BOMB: Traduccion(422, "El archivo ocupa demasiado al abrirlo"),
    CodigoError.FILE_INFECTED: Traduccion(422, "El antivirus no admite el archivo"),
    CodigoError.UNAVAILABLE: Traduccion(503, "Servicio no disponible; inténtalo de nuevo"),
    CodigoError.INTERNAL_ERROR: Traduccion(500, "Error interno; inténtalo de nuevo"),
}


class ErrorMensajeria(Exception):
    """Una negativa del sistema a quien pidió algo.

    `campo` nombra el campo culpable con puntos (`contenido.texto`); `reintentar_en` son segundos.
    """

    def __init__(
        self,
        codigo: CodigoError,
        mensaje: str | None = None,
        *,
        campo: str | None = None,
        reintentar_en: float | None = None,
    ) -> None:
        self.codigo = codigo
        self.mensaje = mensaje or TRADUCCIONES[codigo].mensaje
        self.campo = campo
        self.reintentar_en = reintentar_en
        super().__init__(f"{codigo}: {self.mensaje}")

    @property
    def cuerpo(self) -> dict[str, Any]:
        """`{code, message, campo?, reintentarEn?}`, como se dice por HTTP.

        Fuente: docs/contrato.md, sección 4.
        """
        mas = {"campo": self.campo, "reintentarEn": self.reintentar_en}
        return {
            "code": self.codigo.value,
            "message": self.mensaje,
            **{nombre: valor for nombre, valor in mas.items() if valor is not None},
        }

    @property
    def segundos_de_espera(self) -> int:
        """Lo de `reintentar_en`, en los segundos enteros de `Retry-After` (RFC 9110, 10.2.3)."""
        return max(1, math.ceil(self.reintentar_en or 0))


def no_existe(campo: str | None = None) -> ErrorMensajeria:
    """La misma respuesta para lo ajeno y para lo que no existe (docs/contrato.md, sección 2)."""
    return ErrorMensajeria(CodigoError.NOT_FOUND, campo=campo)


def no_valido(mensaje: str, campo: str | None = None) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.VALIDATION_ERROR, mensaje, campo=campo)


def exigir_envio(*, abierta: bool, puede_enviar: bool) -> None:
    """Lo que hace falta para enviar en una conversación, además de participar."""
    if not abierta:
        raise ErrorMensajeria(CodigoError.CONVERSATION_CLOSED)
    if not puede_enviar:
        raise sin_permiso("Sin permisos para enviar")


def sin_permiso(mensaje: str | None = None) -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.PERMISSION_DENIED, mensaje)
