"""De BSON a lo que JSON sabe decir: entero, para el archivo, o como aquí se puede guardar."""

from __future__ import annotations

import base64
import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Binary, Decimal128, ObjectId, Regex, Timestamp
from bson.binary import UUID_SUBTYPE
from bson.datetime_ms import DatetimeMS

from mensajeria.protocolo.textos import lleva_controles, quitar_controles
from mensajeria.protocolo.tipos import iso

# En qué campo, por qué cambia, y qué había.
Anotar = Callable[[str, str, Any], None]

# Lo que, dicho en JSON, sigue siendo lo mismo.
_TRADUCIBLES = (int, datetime, DatetimeMS, Decimal128, ObjectId, Timestamp, Binary, uuid.UUID)

SUELTOS = re.compile("[\ud800-\udfff]+")
SE_QUITAN = "llevaba caracteres de control o sustitutos sueltos: se quitan"


def limpio(texto: str) -> str:
    """Sin caracteres de control, y con `�` donde no era Unicode."""
    if lleva_controles(texto):
        texto = quitar_controles(texto)
    return texto if texto.isascii() else SUELTOS.sub("\ufffd", texto)


def llano(valor: Any) -> Any:
    """El valor sin perder nada, que es como queda en el archivo: lo binario, en base64."""
    if isinstance(valor, Mapping):
        return {str(clave): llano(suyo) for clave, suyo in valor.items()}
    if isinstance(valor, list):
        return [llano(suyo) for suyo in valor]
    if _es_binario(valor):
        return base64.b64encode(valor).decode()
    if isinstance(valor, float) and not math.isfinite(valor):
        return str(valor)
    return _con_otra_forma(valor)


def _es_binario(valor: Any) -> bool:
    return isinstance(valor, bytes) and getattr(valor, "subtype", None) != UUID_SUBTYPE


def _con_otra_forma(valor: Any) -> Any:
    """Lo que JSON dice de otro modo: una fecha, un identificador, un número largo."""
    if valor is None or isinstance(valor, bool | float):
        return valor
    if isinstance(valor, int | DatetimeMS):
        return int(valor)
    if isinstance(valor, datetime):
        return iso(valor if valor.tzinfo else valor.replace(tzinfo=UTC))
    if isinstance(valor, Binary):
        return str(valor.as_uuid())
    return str(valor.pattern if isinstance(valor, Regex) else valor)


def en_json(valor: Any, campo: str, anotar: Anotar) -> Any:
    """El valor como se puede guardar aquí; lo que no cabe en JSON cambia, y se anota dónde."""
    if isinstance(valor, Mapping):
        return _objeto(valor, campo, anotar)
    if isinstance(valor, list):
        return [en_json(suyo, f"{campo}.{i}", anotar) for i, suyo in enumerate(valor)]
    dicho = llano(valor)
    if _es_binario(valor):
        anotar(campo, "es binario: queda vacío, y aquí en base64", dicho)
        return None
    if isinstance(valor, float) and not math.isfinite(valor):
        anotar(campo, "no es un número que diga JSON: queda vacío", dicho)
        return None
    if not isinstance(dicho, type(valor)) and not isinstance(valor, _TRADUCIBLES):
        anotar(campo, "de un tipo que JSON no tiene: queda como texto", dicho)
    return _sin_controles(dicho, campo, anotar) if isinstance(dicho, str) else dicho


def _sin_controles(texto: str, campo: str, anotar: Anotar) -> str:
    queda = limpio(texto)
    if queda != texto:
        anotar(campo, SE_QUITAN, texto)
    return queda


def _objeto(valor: Mapping[str, Any], campo: str, anotar: Anotar) -> dict[str, Any]:
    hecho: dict[str, Any] = {}
    for clave, suyo in valor.items():
        queda = limpio(clave)
        if queda in hecho:
            anotar(campo, "dos claves quedan iguales: vale la primera", {clave: llano(suyo)})
            continue
        if queda != clave:
            anotar(campo, f"una clave {SE_QUITAN}", clave)
        hecho[queda] = en_json(suyo, f"{campo}.{queda}", anotar)
    return hecho
