"""Quién es alguien: lo dice su token (HS256 con `JWT_SECRET`), nunca lo que envía.

Fuente: docs/contrato.md, sección 2 («autenticar»), y RFC 7519.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from jwt.types import Options

from mensajeria import muestras
from mensajeria.base_de_datos import atomico
from mensajeria.consultas import Vigencia, usuario_por_id, usuarios_vigentes
from mensajeria.models import Novedad, Usuario, plegado, revocacion
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

_ULTIMO_INSTANTE = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_FECHAS = ("exp", "iat", "nbf")
# Quien los pone dice un usuario de aquí: el de la semilla y el de simplejwt. Los otros, el de la
# RFC 7519 y el del ingreso del original, pueden ser de allí, y con `JWT_CORREO` manda el correo.
_DE_AQUI = ("userId", "user_id")
_DE_ALLI = ("sub", "id")
# Dice de qué ingreso es un token. Es nuestro: los que firma otro sistema no lo llevan.
RECLAMO = "servitechSesion"
# Lo que sabe guardar cualquier base: sin NUL ni medios pares de UTF-16.
_ID = re.compile(r"[^\x00\ud800-\udfff]{1,36}")
_CORREO = re.compile(r"[^\x00\ud800-\udfff]{1,254}")
# El de `Authorization` (RFC 6750): hay quien guarda el token con él.
_ESQUEMA = re.compile(r"^\s*bearer\s+", re.IGNORECASE)
CLAVE_DE_SESION = re.compile(r"[a-z0-9]{8,64}")
# Lo que, con todo firmado, lanzan al leerlo PyJWT y `json` además de sus propios errores.
_ILEGIBLE = (TypeError, ValueError, OverflowError, RecursionError)
# Los ingresos con los que se ha pedido algo en este proceso, y de los que aún no se guardó cuándo.
_vistos: set[str] = set()
# De quién era cada correo la última vez que se miró en este proceso.
_de_correo: dict[str, str] = {}
_MAX_CORREOS = 10_000
# Lo que el reloj de quien firmó puede ir por delante del de aquí, en segundos.
_MAX_ADELANTO = 60.0
# Las fechas se miran aquí; `sub` y `jti` pueden ser, en otro servicio, números.
_SIN_MIRAR: Options = {
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Credencial:
    """De quién es la conexión o la petición. `expira` y `emitida`: segundos Unix.

    Con `ingreso`, vale mientras ese ingreso siga abierto; sin `expira`, se entró con su cookie.
    Con `correo`, es de quien lo tenga, y `usuario_id` está vacío.
    """

    usuario_id: str
    emitida: float
    expira: float | None
    ingreso: str | None = None
    correo: str | None = None

    @property
    def fecha_de_expiracion(self) -> datetime | None:
        return None if self.expira is None else datetime.fromtimestamp(self.expira, UTC)


def leer_token(token: str, clase: str = "access") -> Credencial:
    """La credencial de un JWT de esa clase (`access` o `refresh`), con su `Bearer` delante o no.

    Lanza AUTH_INVALID o TOKEN_EXPIRED; no toca la base.
    """
    token = sin_esquema(token)
    if settings.DEMO and clase == "access" and token in muestras.TOKENS:
        return Credencial(muestras.TOKENS[token], time.time(), time.time() + 12 * 3600)
    return credencial_de(datos_de(token), clase)


def sin_esquema(token: str) -> str:
    """El token, sin el `Bearer` que lleve delante."""
    return _ESQUEMA.sub("", token, count=1)


def datos_de(token: str) -> dict[str, Any]:
    """Lo que dice un JWT, si lo firmó JWT_SECRET; `aud` e `iss` solo se miran si se piden.

    Lanza AUTH_INVALID o TOKEN_EXPIRED.
    """
    try:
        datos: dict[str, Any] = jwt.decode(
            token,
            settings.JWT_SECRET,
            algorithms=["HS256"],
            options={**_SIN_MIRAR, "verify_aud": bool(settings.JWT_AUDIENCIA)},
            audience=settings.JWT_AUDIENCIA or None,
            issuer=settings.JWT_EMISOR or None,
        )
    except jwt.ExpiredSignatureError:
        raise ErrorMensajeria(CodigoError.TOKEN_EXPIRED) from None
    except (jwt.PyJWTError, *_ILEGIBLE):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID) from None
    return datos


def credencial_de(datos: dict[str, Any], clase: str) -> Credencial:
    """La de lo que dice un token ya comprobado, o AUTH_INVALID.

    Firmado no es bien hecho: lo pudo firmar otro servicio.
    """
    ingreso = datos.get(RECLAMO)
    fechas = [datos[c] for c in _FECHAS if c in datos]
    ya = time.time() + _MAX_ADELANTO
    if (
        "exp" not in datos
        or not all(isinstance(f, int | float) and not isinstance(f, bool) for f in fechas)
        or not datos["exp"] < _ULTIMO_INSTANTE
        or not all(0 <= datos[c] <= ya for c in ("iat", "nbf") if c in datos)
        or datos.get("token_type", "access") != clase
        or not (ingreso is None or isinstance(ingreso, str))
    ):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    usuario, correo = _quien(datos)
    emitida, expira = float(datos.get("iat", 0)), float(datos["exp"])
    return Credencial(usuario, emitida, expira, ingreso, correo)


def _quien(datos: dict[str, Any]) -> tuple[str, str | None]:
    """El usuario, o el correo por el que buscarlo; AUTH_INVALID si no dice ninguno posible."""
    usuario = _el_primero(datos, _DE_AQUI)
    correo = datos.get(settings.JWT_CORREO) if settings.JWT_CORREO and usuario is None else None
    if correo is not None:
        if not isinstance(correo, str) or not _CORREO.fullmatch(correo) or not plegado(correo):
            raise ErrorMensajeria(CodigoError.AUTH_INVALID)
        return "", plegado(correo)
    if usuario is None:
        usuario = _el_primero(datos, _DE_ALLI)
    if not isinstance(usuario, str | int) or isinstance(usuario, bool):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    if not _ID.fullmatch(str(usuario)):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    return str(usuario), None


def _el_primero(datos: dict[str, Any], reclamos: Collection[str]) -> Any:
    return next((datos[c] for c in reclamos if datos.get(c) is not None), None)


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
    usuario_id = credencial.usuario_id
    if credencial.correo is not None:
        usuario_id = _por_correo([credencial.correo]).get(credencial.correo, "")
    usuario = usuario_por_id(usuario_id)
    if usuario is None or not vigente(credencial, vigencia_de(usuario)):
        raise ErrorMensajeria(CodigoError.AUTH_INVALID)
    if credencial.ingreso is not None:
        _vistos.add(credencial.ingreso)
    return usuario


def _por_correo(correos: Collection[str]) -> dict[str, str]:
    """De cada correo plegado, de quién es; el de varias cuentas no es de ninguna."""
    filas = Usuario.objects.filter(correo_plegado__in=correos).values_list("correo_plegado", "pk")
    cuantas = Counter(correo for correo, _ in filas)
    hallados = {correo: pk for correo, pk in filas if cuantas[correo] == 1}
    for correo in correos:
        _de_correo.pop(correo, None)
    if len(_de_correo) > _MAX_CORREOS:
        _de_correo.clear()
    _de_correo.update(hallados)
    return hallados


def cuenta_de(credencial: Credencial) -> str:
    """A cuenta de quién va lo que se pide con ella, sin mirar la base.

    La que va por correo, a la de quien lo tenía la última vez; mientras no se sepa, a una de ese
    correo, que no es ningún identificador.
    """
    if credencial.correo is None:
        return credencial.usuario_id
    return _de_correo.get(credencial.correo, f"\0{credencial.correo}")


class Identidad(NamedTuple):
    """De quién es una credencial que vale."""

    usuario_id: str
    vigencia: Vigencia


def identificar(credenciales: Collection[Credencial]) -> list[Identidad | None]:
    """De quién es cada una, o nada si no vale: una consulta, y otra si alguna es por correo."""
    correos = {c.correo for c in credenciales if c.correo is not None}
    de_correo = _por_correo(correos) if correos else {}
    suyos = [de_correo.get(c.correo or "", c.usuario_id) for c in credenciales]
    leidos = usuarios_vigentes(set(suyos))
    return [
        _si_vale(c, usuario, leidos.get(usuario))
        for c, usuario in zip(credenciales, suyos, strict=True)
    ]


def _si_vale(credencial: Credencial, usuario_id: str, leida: Vigencia | None) -> Identidad | None:
    if leida is None or not vigente(credencial, leida):
        return None
    return Identidad(usuario_id, leida)


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
