"""JSON como lo acepta la puerta: estricto, de hasta 32 niveles y sin texto que rompa a nadie.

msgspec ya rechaza `NaN`, los infinitos y los sustitutos sueltos; acepta NUL y unos 900 niveles,
así que eso se mira aquí.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mensajeria.protocolo.errores import no_valido

MAX_PROFUNDIDAD = 32
CON_NULO = "El texto no puede llevar el carácter NUL"
_ENTERO_MAYOR = 2**63 - 1

# El cierre es opcional: una cadena sin terminar se consume hasta el final. Si fallase, cada
# comilla escapada sería un nuevo comienzo y el coste, cuadrático.
_CADENA = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SOLO_CORCHETES = bytes.maketrans(b"{}", b"[]")
_LO_DEMAS = bytes(set(range(256)) - set(b"[]{}"))

_de_msgspec = msgspec.json.Decoder().decode
codificar = msgspec.json.Encoder().encode


def decodificar(crudo: str | bytes) -> Any:
    """Valor JSON de `crudo`. Lanza `ErrorMensajeria` VALIDATION_ERROR si no es aceptable."""
    if excede_profundidad(crudo):
        raise no_valido(f"El JSON tiene más de {MAX_PROFUNDIDAD} niveles")
    try:
        valor = _de_msgspec(crudo)
    except (msgspec.MsgspecError, UnicodeError):
        raise no_valido("No es JSON válido") from None
    if lleva_nulo(crudo, valor):
        raise no_valido(CON_NULO)
    return valor


def excede_profundidad(crudo: str | bytes) -> bool:
    """Si anida más de `MAX_PROFUNDIDAD` niveles, sin llegar a decodificarlo.

    Coste: dos recuentos para lo habitual. El resto se reduce a sus corchetes y cada pasada
    elimina un nivel, a velocidad de C; `"[" * 50_000` se detiene en la primera.
    """
    texto = crudo.encode("utf-8", "surrogatepass") if isinstance(crudo, str) else crudo
    if texto.count(b"[") + texto.count(b"{") <= MAX_PROFUNDIDAD:
        return False
    corchetes = _CADENA.sub(b"", texto).translate(_SOLO_CORCHETES, _LO_DEMAS)
    for _ in range(MAX_PROFUNDIDAD):
        resto = corchetes.replace(b"[]", b"")
        if len(resto) == len(corchetes):
            break
        corchetes = resto
    return bool(corchetes)


def lleva_nulo(crudo: str | bytes, valor: Any) -> bool:
    """Si algún texto del valor, leído de `crudo`, lleva NUL, que PostgreSQL no guarda."""
    # Recorrer el valor cuesta; el texto crudo dice casi siempre que no hace falta.
    escape = "\\u0000" if isinstance(crudo, str) else b"\\u0000"
    return escape in crudo and _lleva_nulo(valor)  # type: ignore[operator]


def _lleva_nulo(valor: Any) -> bool:
    if isinstance(valor, str):
        return "\x00" in valor
    if isinstance(valor, dict):
        return any(_lleva_nulo(k) or _lleva_nulo(v) for k, v in valor.items())
    return isinstance(valor, list) and any(map(_lleva_nulo, valor))


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


def es_guardable(valor: Any) -> bool:
    """Ni binario, ni enteros de más de 64 bits: MongoDB no los guarda y JavaScript los deforma."""
    if isinstance(valor, dict):
        return all(map(es_guardable, valor.values()))
    if isinstance(valor, list):
        return all(map(es_guardable, valor))
    if isinstance(valor, bytes):
        return False
    return not isinstance(valor, int) or -_ENTERO_MAYOR - 1 <= valor <= _ENTERO_MAYOR
