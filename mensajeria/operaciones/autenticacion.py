"""Quién es alguien: lo dice su token (HS256 con `JWT_SECRET`), nunca lo que envía.

Fuente: docs/contrato.md, sección 2 («autenticar»), y RFC 7519.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from jwt.types import Options

from mensajeria.base_de_datos import atomico
from mensajeria.consultas import Vigencia, quienes, usuario_por_id
from mensajeria.models import Novedad, Usuario, revocacion
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

TOKEN_DE_MUESTRA = "test_token"
USUARIO_DE_MUESTRA = "test_user"
_ULTIMO_INSTANTE = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_FECHAS = ("exp", "iat", "nbf")
# Dice de qué ingreso es un token. Es nuestro: los que firma otro sistema no lo llevan.
RECLAMO = "servitechSesion"
# Lo que sabe guardar cualquier base: sin NUL ni medios pares de UTF-16.
_ID = re.compile(r"[^\x00\ud800-\udfff]{1,36}")
# El de `Authorization` (RFC 6750): hay quien guarda el token con él.
_ESQUEMA = re.compile(r"^\s*bearer\s+", re.IGNORECASE)
CLAVE_DE_SESION = re.compile(r"[a-z0-9]{8,64}")
# Lo que, con todo firmado, lanzan al leerlo PyJWT y `json` además de sus propios errores.
ILEGIBLE = (TypeError, ValueError, OverflowError, RecursionError)
# Los ingresos con los que se ha pedido algo en este proceso, y de los que aún no se guardó cuándo.
_vistos: set[str] = set()
# Lo que el reloj de quien firmó puede ir por delante del de aquí, en segundos.
_MAX_ADELANTO = 60.0
_SIN_MIRAR: Options = {"verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class Credencial:
    """De quién es la conexión o la petición. `expira` y `emitida`: segundos Unix.

    Con `ingreso`, vale mientras ese ingreso siga abierto; sin `expira`, se entró con su cookie.
    """

    usuario_id: str
    emitida: float
    expira: float | None
    ingreso: str | None = None

    @property
    def fecha_de_expiracion(self) -> datetime | None:
        return None if self.expira is None else datetime.fromtimestamp(self.expira, UTC)


def leer_token(token: str) -> Credencial:
    """La credencial de un JWT de acceso, con su `Bearer` delante o sin él.

    Lanza AUTH_INVALID o TOKEN_EXPIRED; no toca la base.
    """
    token = _ESQUEMA.sub("", token, count=1)
    if settings.DEMO and token == TOKEN_DE_MUESTRA:
        return Credencial(USUARIO_DE_MUESTRA, time.time(), time.time() + 12 * 3600)
    try:
        datos = jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"], options=_SIN_MIRAR)
        return credencial_de(datos)
    except jwt.ExpiredSignatureError:
        raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED) from None
    except (jwt.PyJWTError, *ILEGIBLE):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID) from None


def credencial_de(datos: dict[str, Any], clase: str = "access") -> Credencial:
    """La de lo que dice un token ya comprobado de esa clase, o AUTH_INVALID.

    Firmado no es bien hecho: lo pudo firmar otro servicio.
    """
    usuario = next((datos[c] for c in ("userId", "user_id", "sub") if c in datos), None)
    ingreso = datos.get(RECLAMO)
    fechas = [datos[c] for c in _FECHAS if c in datos]
    ya = time.time() + _MAX_ADELANTO
    if (
        "exp" not in datos
        or not all(isinstance(f, int | float) and not isinstance(f, bool) for f in fechas)
        or not datos["exp"] < _ULTIMO_INSTANTE
        or not all(0 <= datos[c] <= ya for c in ("iat", "nbf") if c in datos)
        or datos.get("token_type", "access") != clase
        or not isinstance(usuario, str | int)
        or isinstance(usuario, bool)
        or not _ID.fullmatch(str(usuario))
        or not (ingreso is None or isinstance(ingreso, str))
    ):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    emitida, expira = float(datos.get("iat", 0)), float(datos["exp"])
    return Credencial(str(usuario), emitida, expira, ingreso)


def vigente(credencial: Credencial, quien: Vigencia) -> bool:
    """Si el usuario sigue activo, no ha revocado después la credencial, y su ingreso, si es de uno,
    sigue abierto.
    """
    if not quien.activo or not _tras_revocar(credencial.emitida, quien):
        return False
    return credencial.ingreso is None or abierto(credencial.ingreso, quien)


def tomar_vistos() -> set[str]:
    """Los ingresos usados en este proceso desde la vez anterior."""
    global _vistos
    vistos, _vistos = _vistos, set()
    return vistos


def abierto(ingreso: str, quien: Vigencia) -> bool:
    """Si ese ingreso es suyo y sigue abierto."""
    desde = quien.abiertos.get(ingreso)
    return desde is not None and _tras_revocar(desde / 1000, quien)


def _tras_revocar(instante: float, quien: Vigencia) -> bool:
    return quien.tokens_desde is None or instante > quien.tokens_desde.timestamp()


def vigencia_de(usuario: Usuario) -> Vigencia:
    return Vigencia(usuario.version, usuario.is_active, usuario.tokens_desde, usuario.abiertos)


def usuario_de(credencial: Credencial) -> Usuario:
    """El usuario de una credencial vigente; si no, AUTH_INVALID."""
    usuario = usuario_por_id(credencial.usuario_id)
    if usuario is None or not vigente(credencial, vigencia_de(usuario)):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    if credencial.ingreso is not None:
        _vistos.add(credencial.ingreso)
    return usuario


class Identidad(NamedTuple):
    """De quién es una credencial que vale."""

    usuario_id: str
    personal: bool
    vigencia: Vigencia


def identificar(credenciales: Collection[Credencial]) -> list[Identidad | None]:
    """De quién es cada una, o nada si no vale: una consulta, sean cuantas sean."""
    leidos = quienes({c.usuario_id for c in credenciales})
    return [_si_vale(c, leidos.get(c.usuario_id)) for c in credenciales]


def _si_vale(credencial: Credencial, leido: tuple[bool, Vigencia] | None) -> Identidad | None:
    if leido is None or not vigente(credencial, leido[1]):
        return None
    return Identidad(credencial.usuario_id, *leido)


def al_borrar_usuario(instance: Usuario, **_: Any) -> None:
    """Sus conexiones terminan."""
    Novedad.de_usuarios([instance.pk])


def revocar(usuario_id: str) -> None:
    """Ningún token, cookie ni conexión anterior a ahora vale para ese usuario.

    Sin orden, como al acabar un ingreso: es de una cuenta y no de una conversación. La vigilancia
    de cada proceso ve la versión y cierra.
    """
    with atomico():
        Usuario.objects.filter(pk=usuario_id).update(**revocacion())
        Novedad.de_usuarios([usuario_id])
