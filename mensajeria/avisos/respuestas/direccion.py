"""La dirección a la que se contesta un aviso: de quién es y en qué conversación, firmada.

`responder+{39 letras y cifras}@tusitio.com`: en base32, porque hay quien cambia las mayúsculas, lo
que nombra a esa persona en esa conversación (12 bytes), el día en que caduca (2) y la firma (10).
"""

from __future__ import annotations

import base64
import hmac
import re
import time

from django.conf import settings
from django.utils.crypto import salted_hmac

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

DIAS = 30
# Lo que cabe antes de la `@` (RFC 5321, 4.5.3.1.1), y lo que de ello ocupa la firma, con su `+`.
MAX_LOCAL = 64
LARGO = 39
_DIA = 86_400
_DE_FIRMA = 10
_OBJECT_ID = re.compile("[0-9a-f]{24}")


def direccion_para(participante_id: str) -> str:
    """Vacía si aquí no se contesta por correo, o ese participante vino de fuera con otro `_id`."""
    if not settings.CORREO_DE_RESPUESTAS or not _OBJECT_ID.fullmatch(participante_id):
        return ""
    caduca = int(time.time()) // _DIA + DIAS
    crudo = bytes.fromhex(participante_id) + caduca.to_bytes(2, "big")
    firmado = base64.b32encode(crudo + _firma(crudo)).decode().rstrip("=").lower()
    local, _, dominio = settings.CORREO_DE_RESPUESTAS.rpartition("@")
    return f"{local}+{firmado}@{dominio}"


def es_de_aqui(direccion: str) -> bool:
    """Si tiene su forma, aunque no valga."""
    nombre, _, dominio = settings.CORREO_DE_RESPUESTAS.rpartition("@")
    dicha = direccion.lower()
    return bool(dominio) and dicha.startswith(f"{nombre}+") and dicha.endswith(f"@{dominio}")


def leer(direccion: str) -> str:
    """El identificador de su participante.

    NOT_FOUND si no es una de las de aquí, y TOKEN_EXPIRED si caducó.
    """
    local, _, dominio = direccion.lower().rpartition("@")
    nombre, _, firmado = local.rpartition("+")
    if len(firmado) != LARGO or f"{nombre}@{dominio}" != settings.CORREO_DE_RESPUESTAS:
        raise _no_existe()
    try:
        crudo = base64.b32decode(f"{firmado}=".upper())
    except ValueError:
        raise _no_existe() from None
    dicho, firma = crudo[:-_DE_FIRMA], crudo[-_DE_FIRMA:]
    if not hmac.compare_digest(firma, _firma(dicho)):
        raise _no_existe()
    if int.from_bytes(dicho[12:], "big") < time.time() // _DIA:
        raise ErrorMensajeria(
            CodigoError.TOKEN_EXPIRED, "La dirección a la que contestas ya caducó"
        )
    return dicho[:12].hex()


def _firma(crudo: bytes) -> bytes:
    return salted_hmac("mensajeria.avisos.respuestas", crudo, algorithm="sha256").digest()[
        :_DE_FIRMA
    ]


def _no_existe() -> ErrorMensajeria:
    return ErrorMensajeria(CodigoError.NOT_FOUND, "Esa dirección no existe")
