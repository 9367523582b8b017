"""Qué es de este sistema en un Redis que puede ser de varios.

El número de base de Redis no separa lo que se publica, y otro sistema puede usar el mismo. Cada uno
tiene su espacio, que sale de su base de datos y su secreto: va en el nombre de toda llave, grupo y
canal. Lo publicado va además firmado: lo que otro escriba donde no debe no se atiende.
"""

from __future__ import annotations

import hashlib
import hmac

_LARGO_DE_FIRMA = 16

# Vacíos hasta que el proceso sabe cuál es su base: en las pruebas, siempre.
_nombre = ""
_clave = b""


class Ajeno(Exception):
    """No lo firmó este sistema."""


def tomar(identidad: str, secreto: str) -> None:
    """Desde ahora, este proceso está en el espacio de esa base con ese secreto.

    Antes de hablar con Redis: lo que se dijera antes quedaría en otra parte.
    """
    global _nombre, _clave
    _clave = hashlib.sha256(f"espacio\x1f{identidad}\x1f{secreto}".encode()).digest()
    _nombre = hmac.digest(_clave, b"nombre", "sha256").hex()[:12]


def tomado() -> bool:
    return bool(_nombre)


def dejar() -> None:
    """Como recién arrancado."""
    global _nombre, _clave
    _nombre, _clave = "", b""


def dentro_de(raiz: str, separador: str = ":") -> str:
    """`raiz` con el nombre del espacio detrás."""
    return f"{raiz}{separador}{_nombre}" if _nombre else raiz


def firmar(datos: bytes) -> bytes:
    return hmac.digest(_clave, datos, "sha256")[:_LARGO_DE_FIRMA] + datos


def comprobar(firmado: bytes) -> bytes:
    """Los datos que se firmaron; `Ajeno` si no los firmó este sistema, o cambiaron."""
    firma, datos = firmado[:_LARGO_DE_FIRMA], firmado[_LARGO_DE_FIRMA:]
    if not hmac.compare_digest(firma, hmac.digest(_clave, datos, "sha256")[:_LARGO_DE_FIRMA]):
        raise Ajeno
    return datos


def llave_de_cache(clave: str, prefijo: str, version: int) -> str:
    """La `KEY_FUNCTION` de la caché de Django, que también está en Redis."""
    return f"{dentro_de(prefijo)}:{version}:{clave}"
