"""JSON como lo acepta la puerta: estricto, de hasta 32 niveles y sin texto que rompa a nadie.

msgspec ya rechaza `NaN`, los infinitos y los sustitutos sueltos; acepta NUL (que PostgreSQL no
guarda) y unos 900 niveles, así que eso se mira aquí.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mensajeria.errores import no_valido
from mensajeria.protocolo.tipos import Forma

MAX_PROFUNDIDAD = 32
_ENTERO_MAYOR = 2**63 - 1

_decodificar = msgspec.json.Decoder().decode
codificar = msgspec.json.Encoder().encode


def leer(crudo: str | bytes) -> Any:
    """Valor JSON de `crudo`. Lanza `ErrorMensajeria` VALIDATION_ERROR si no es aceptable."""
    try:
        valor = _decodificar(crudo)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise no_valido("No es JSON válido") from None
    return aceptar(valor, crudo)


def aceptar(valor: Any, crudo: str | bytes) -> Any:
    """El mismo `valor`, ya decodificado de `crudo`, si su texto, hondura y números son aceptables.

    Recorrer el valor cuesta; el texto crudo dice casi siempre que no hace falta.
    """
    if _sospechoso(crudo):
        _revisar(valor, 1)
    return valor


def _sospechoso(crudo: str | bytes) -> bool:
    if isinstance(crudo, bytes):
        abiertos, nulo = crudo.count(b"{") + crudo.count(b"["), b"\\u0000" in crudo
    else:
        abiertos, nulo = crudo.count("{") + crudo.count("["), "\\u0000" in crudo
    return nulo or abiertos > MAX_PROFUNDIDAD


def _revisar(valor: Any, nivel: int) -> None:
    if isinstance(valor, str):
        if "\x00" in valor:
            raise no_valido("El texto no puede llevar el carácter NUL")
    elif isinstance(valor, dict):
        _limitar(nivel)
        for clave, hijo in valor.items():
            _revisar(clave, nivel)
            _revisar(hijo, nivel + 1)
    elif isinstance(valor, list):
        _limitar(nivel)
        for hijo in valor:
            _revisar(hijo, nivel + 1)


def _limitar(nivel: int) -> None:
    if nivel > MAX_PROFUNDIDAD:
        raise no_valido(f"El JSON tiene más de {MAX_PROFUNDIDAD} niveles")


def profundidad(valor: Any) -> int:
    """Niveles de objetos y listas: `1` es 0, `{}` es 1, `{"a": []}` es 2."""
    hijos: Any
    if isinstance(valor, dict):
        hijos = valor.values()
    elif isinstance(valor, list):
        hijos = valor
    else:
        return 0
    return 1 + max((profundidad(h) for h in hijos), default=0)


def enteros_seguros(valor: Any) -> bool:
    """Ningún entero pasa de 64 bits: MongoDB no los guarda y JavaScript los deforma."""
    if isinstance(valor, dict):
        return all(enteros_seguros(h) for h in valor.values())
    if isinstance(valor, list):
        return all(enteros_seguros(h) for h in valor)
    return not isinstance(valor, int) or abs(valor) <= _ENTERO_MAYOR


def codificar_texto(forma: Forma) -> str:
    return codificar(forma).decode()
