"""Quién es alguien: lo dice su token (HS256 con `JWT_SECRET`), nunca lo que envía.

Fuente: docs/contrato.md, sección 2 («autenticar»), y RFC 7519.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from jwt.types import Options

from mensajeria.base_de_datos import atomico
from mensajeria.consultas import Vigencia, usuario_por_id
from mensajeria.models import Novedad, Usuario, ahora, revocacion, tocar
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

TOKEN_DE_MUESTRA = "test_token"
USUARIO_DE_MUESTRA = "test_user"
_ULTIMO_INSTANTE = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_FECHAS = ("exp", "iat", "nbf")
# Lo que sabe guardar cualquier base: sin NUL ni medios pares de UTF-16.
_ID = re.compile(r"[^\x00\ud800-\udfff]{1,36}")
CLAVE_DE_SESION = re.compile(r"[a-z0-9]{8,64}")
# Lo que, con todo firmado, lanzan al leerlo PyJWT y `json` además de sus propios errores.
ILEGIBLE = (TypeError, ValueError, OverflowError, RecursionError)
# Lo que el reloj de quien firmó puede ir por delante del de aquí, en segundos.
_MAX_ADELANTO = 60.0
_SIN_MIRAR: Options = {"verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class Credencial:
    """De quién es la conexión o la petición. `expira` y `emitida`: segundos Unix.

    Sin `expira`, la abrió la sesión de la página cuya clave es `sesion`, y vale hasta que se borre.
    """

    usuario_id: str
    emitida: float
    expira: float | None
    sesion: str | None = field(default=None, repr=False)

    @property
    def fecha_de_expiracion(self) -> datetime | None:
        return None if self.expira is None else datetime.fromtimestamp(self.expira, UTC)


def leer_token(token: str) -> Credencial:
    """La credencial de un JWT de acceso. Lanza AUTH_INVALID o TOKEN_EXPIRED; no toca la base."""
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
    ):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    return Credencial(str(usuario), float(datos.get("iat", 0)), float(datos["exp"]))


def vigente(credencial: Credencial, activo: bool, tokens_desde: datetime | None) -> bool:
    """Si el usuario sigue activo y la credencial es posterior a su última revocación."""
    return activo and (tokens_desde is None or credencial.emitida > tokens_desde.timestamp())


def usuario_de(credencial: Credencial) -> Usuario:
    """El usuario de una credencial vigente; si no, AUTH_INVALID."""
    usuario = usuario_por_id(credencial.usuario_id)
    if usuario is None or not vigente(credencial, usuario.is_active, usuario.tokens_desde):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    # Después de leer la versión: si la sesión se cierra desde aquí, la vigilancia lo verá.
    if credencial.sesion and not sesiones_abiertas(usuario.pk, [credencial.sesion]):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    return usuario


class Identidad(NamedTuple):
    """De quién es una credencial que vale."""

    usuario_id: str
    personal: bool
    vigencia: Vigencia


def identificar(credenciales: Collection[Credencial]) -> list[Identidad | None]:
    """De quién es cada una, o nada si no vale: una consulta, y una más por sesión de la página."""
    usuarios = {c.usuario_id for c in credenciales}
    filas = Usuario.objects.filter(pk__in=usuarios).values_list(
        "pk", "is_staff", "version", "is_active", "tokens_desde"
    )
    por_id = {
        pk: Identidad(pk, personal, Vigencia(version, activo, desde))
        for pk, personal, version, activo, desde in filas
    }
    return [_si_vale(c, por_id.get(c.usuario_id)) for c in credenciales]


def _si_vale(credencial: Credencial, quien: Identidad | None) -> Identidad | None:
    if quien is None or not vigente(credencial, quien.vigencia.activo, quien.vigencia.tokens_desde):
        return None
    # Después de leer la versión: si la sesión se cierra desde aquí, la vigilancia lo verá.
    if credencial.sesion and not sesiones_abiertas(quien.usuario_id, [credencial.sesion]):
        return None
    return quien


def sesiones_abiertas(usuario_id: str, claves: Collection[str]) -> set[str]:
    """Cuáles de esas sesiones de la página siguen abiertas y son suyas."""
    filas = Session.objects.filter(pk__in=claves, expire_date__gt=ahora())
    return {f.pk for f in filas if f.get_decoded().get(SESSION_KEY) == usuario_id}


def al_borrar_sesion(instance: Session, **_: Any) -> None:
    """Salió de la página: los procesos con sockets abiertos con esa sesión la miran otra vez.

    `user_logged_out` llega antes, con la sesión aún abierta.
    """
    if usuario_id := instance.get_decoded().get(SESSION_KEY):
        tocar([usuario_id])


def al_borrar_usuario(instance: Usuario, **_: Any) -> None:
    """Sus conexiones terminan."""
    Novedad.de_usuarios([instance.pk])


def revocar(usuario_id: str) -> None:
    """Ningún token ni conexión anterior a ahora vale para ese usuario.

    Sin orden, como al cerrar una sesión: es de una cuenta y no de una conversación. La vigilancia
    de cada proceso ve la versión y cierra.
    """
    with atomico():
        Usuario.objects.filter(pk=usuario_id).update(**revocacion())
        Novedad.de_usuarios([usuario_id])
