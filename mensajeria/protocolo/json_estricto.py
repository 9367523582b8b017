"""JSON como lo acepta la puerta: estricto, de hasta 32 niveles y sin texto que rompa a nadie.

msgspec ya rechaza `NaN`, los infinitos y los sustitutos sueltos; acepta los caracteres de control
escapados y unos 900 niveles, así que eso se mira aquí.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.textos import CON_CONTROLES, lleva_controles

T = TypeVar("T")

MAX_PROFUNDIDAD = 32
NO_ES_JSON = "No es JSON válido"
DEMASIADO_HONDO = f"El JSON tiene más de {MAX_PROFUNDIDAD} niveles"
MAX_RUTA = 200
_ENTERO_MAYOR = 2**63 - 1

# El cierre es opcional: una cadena sin terminar se consume hasta el final. Si fallase, cada
# comilla escapada sería un nuevo comienzo y el coste, cuadrático.
_CADENA = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_VALOR = re.compile(rb'\s*:\s*(-?[0-9]{1,19}(?![0-9.eE])|"(?:[^"\\]|\\.){0,400}+")', re.DOTALL)
_SOLO_CORCHETES = bytes.maketrans(b"{}", b"[]")
_LO_DEMAS = bytes(set(range(256)) - set(b"[]{}"))

# Cómo se escriben en JSON: los de C0, escapados siempre; los demás, quizá tal cual.
_ESCAPADO = r"\\(?:u00[0189][0-9a-fA-F]|u007[fF]|[bfr])"
_EN_TEXTO = re.compile(_ESCAPADO), re.compile("[\x7f-\x9f]")
_EN_BYTES = re.compile(_ESCAPADO.encode()), re.compile(b"\xc2[\x80-\x9f]")

_de_msgspec = msgspec.json.Decoder().decode
codificar = msgspec.json.Encoder().encode


def decodificar(crudo: str | bytes) -> Any:
    """Valor JSON de `crudo`. Lanza `ErrorMensajeria` VALIDATION_ERROR si no es aceptable."""
    if excede_profundidad(crudo):
        raise no_valido(DEMASIADO_HONDO)
    try:
        valor = _de_msgspec(crudo)
    except (msgspec.MsgspecError, UnicodeError):
        raise no_valido(NO_ES_JSON) from None
    if (ruta := ruta_con_controles(crudo, valor)) is not None:
        raise no_valido(CON_CONTROLES, ruta or None)
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


def ruta_con_controles(crudo: str | bytes, valor: Any) -> str | None:
    """Dónde lleva un carácter de control el valor leído de `crudo`, si lo lleva: `contenido.texto`,
    o vacío si es él mismo. De una clave que lo lleva, dónde está.
    """
    # Recorrer el valor cuesta; el texto crudo dice casi siempre que no hace falta.
    if not _quiza_los_lleva(crudo):
        return None
    ruta = _ruta_con_controles(valor)
    return None if ruta is None else ".".join(ruta)[:MAX_RUTA]


def _quiza_los_lleva(crudo: str | bytes) -> bool:
    """Casi siempre lo dicen una o dos búsquedas de un solo carácter, que son lo más barato."""
    if isinstance(crudo, str):
        escapados, tal_cual = _EN_TEXTO
        if "\\" in crudo and escapados.search(crudo):
            return True
        if crudo.isascii():
            return "\x7f" in crudo
        return not crudo.isprintable() and tal_cual.search(crudo) is not None
    escapados_, tal_cual_ = _EN_BYTES
    if b"\x7f" in crudo or (b"\\" in crudo and escapados_.search(crudo)):
        return True
    return not crudo.isascii() and tal_cual_.search(crudo) is not None


def _ruta_con_controles(valor: Any) -> list[str] | None:
    if isinstance(valor, str):
        return [] if lleva_controles(valor) else None
    partes: Iterable[tuple[Any, Any]] = ()
    if isinstance(valor, dict):
        if any(map(lleva_controles, valor)):
            return []
        partes = valor.items()
    elif isinstance(valor, list):
        partes = enumerate(valor)
    for clave, parte in partes:
        if (ruta := _ruta_con_controles(parte)) is not None:
            return [str(clave), *ruta]
    return None


def valor_de_fuera(crudo: str | bytes, campo: str) -> str | int | None:
    """El texto o entero que el objeto de fuera de `crudo`, demasiado hondo para leerlo, tiene en
    `campo`; `None` si no se halla.

    Mira el último y el primero de los sitios donde puede estar, a velocidad de C: los de en medio
    podrían ser miles.
    """
    todo = crudo.encode("utf-8", "surrogatepass") if isinstance(crudo, str) else crudo
    clave = b'"%b"' % campo.encode()
    for sitio in (todo.rfind(clave), todo.find(clave)):
        hallado = _VALOR.match(todo, sitio + len(clave)) if sitio >= 0 else None
        if hallado and 1 in (_abiertos(todo[:sitio]), -_abiertos(todo[hallado.end() :])):
            valor: str | int = json.loads(hallado[1])
            return valor
    return None


def _abiertos(parte: bytes) -> int:
    """Cuántos objetos y listas abre de más, sin contar lo que haya en sus cadenas."""
    sin_cadenas = _CADENA.sub(b"", parte)
    abre = sin_cadenas.count(b"{") + sin_cadenas.count(b"[")
    return abre - sin_cadenas.count(b"}") - sin_cadenas.count(b"]")


def las_que_caben(valores: Iterable[T], maximo: int) -> Iterator[tuple[T, bytes]]:
    """Los primeros, con su JSON, que entre todos no pasan de esos bytes; siempre uno."""
    ocupan = 0
    for i, valor in enumerate(valores):
        crudo = codificar(valor)
        ocupan += len(crudo)
        if ocupan > maximo and i:
            return
        yield valor, crudo


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
