"""JSON entre JavaScript y nosotros: entra lo que ambos leen igual, y sale solo ASCII.

Reglas (docs/contrato.md, sección 3): a lo sumo 32 niveles, sin NaN ni infinitos.
"""

import json
import math
import re
from typing import Any

import msgspec

from mensajeria.protocolo.json_estricto import excede_profundidad

_leer = msgspec.json.Decoder().decode
_ESCAPE_SUSTITUTO = re.compile(r"\\u[dD][89a-fA-F]")


class JsonInvalido(ValueError):
    """El texto no es JSON, pasa de la profundidad o contiene un número no finito."""


class SustitutoSuelto(Exception):
    """Es JSON correcto, pero alguna cadena lleva media pareja UTF-16 (``"\\ud800"``).

    JavaScript admite esas cadenas; UTF-8, PostgreSQL y msgspec, no. ``valor`` es lo leído, tal
    cual: sirve para saber qué se pedía, nunca para guardarlo.
    """

    def __init__(self, valor: Any) -> None:
        super().__init__("sustituto UTF-16 suelto")
        self.valor = valor


def decodificar(texto: str) -> Any:
    """Devuelve el valor de ``texto``; `JsonInvalido` o `SustitutoSuelto` si no puede darlo."""
    if excede_profundidad(texto):
        raise JsonInvalido("demasiados niveles")
    try:
        return _leer(texto)
    except (msgspec.MsgspecError, ValueError) as error:
        if _ESCAPE_SUSTITUTO.search(texto) is None:
            raise JsonInvalido(str(error)) from None
    raise SustitutoSuelto(_leer_con_sustitutos(texto))


def codificar(valor: Any) -> str:
    """JSON compacto y en ASCII: ningún texto, por raro que sea, rompe a quien lo escriba."""
    return json.dumps(valor, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def sin_sustitutos(valor: Any) -> Any:
    """Copia ``valor`` con cada sustituto suelto cambiado por ``?``."""
    return json.loads(json.dumps(valor, ensure_ascii=False).encode("utf-8", "replace"))


def _leer_con_sustitutos(texto: str) -> Any:
    try:
        return json.loads(texto, parse_constant=_rechazar, parse_float=_finito)
    except ValueError as error:
        raise JsonInvalido(str(error)) from None


def _rechazar(constante: str) -> Any:
    raise JsonInvalido(constante)


def _finito(texto: str) -> float:
    numero = float(texto)
    if not math.isfinite(numero):
        raise JsonInvalido(texto)
    return numero
