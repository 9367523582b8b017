"""Firebase, por su API de HTTP v1: una cuenta de servicio, y nada de su biblioteca."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
from django.conf import settings

from mensajeria.avisos.buzon import ENVIADO, Quedo, Resultado
from mensajeria.avisos.dicho import LoQueDice
from mensajeria.models import Aviso, Dispositivo
from mensajeria.salientes import Contestacion, Prohibida, Salientes, SinRespuesta

ALCANCE = "https://www.googleapis.com/auth/firebase.messaging"
SEGUNDOS_DE_VIDA = 24 * 3600
_SEGUNDOS_DE_PETICION = 3600
# Antes de que caduque: el reloj de aquí puede ir atrasado.
_MARGEN = 60.0
_YA_NO_ESTA = {"UNREGISTERED", "SENDER_ID_MISMATCH"}


class _Permiso(msgspec.Struct):
    access_token: str
    expires_in: float = 3600.0


class _Detalle(msgspec.Struct, rename="camel"):
    error_code: str = ""


class _Error(msgspec.Struct):
    status: str = ""
    message: str = ""
    details: list[_Detalle] = []


class _Negativa(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


# Por cuenta, el permiso que dio Google y hasta cuándo vale.
_permisos: dict[str, tuple[str, float]] = {}


async def entregar(
    salientes: Salientes, aviso: Aviso, dice: LoQueDice, muestra: str, sitio: Dispositivo
) -> Resultado:
    cuenta = settings.FCM_CUENTA
    try:
        permiso = await _permiso(salientes, cuenta)
        contestacion = await salientes.enviar(
            f"{settings.FCM_URL}/v1/projects/{cuenta['project_id']}/messages:send",
            msgspec.json.encode({"message": _mensaje(aviso, dice, muestra, sitio)}),
            {"authorization": f"Bearer {permiso}", "content-type": "application/json"},
        )
    except Prohibida as error:
        return Resultado(Quedo.FALLO, f"No se llama a esa dirección: {error}")
    except SinRespuesta as error:
        return Resultado(Quedo.REINTENTO, f"Firebase {error}")
    if contestacion.estado == 401:
        _permisos.pop(cuenta["client_email"], None)
    return _segun(contestacion)


def _mensaje(aviso: Aviso, dice: LoQueDice, muestra: str, sitio: Dispositivo) -> dict[str, Any]:
    """Lo que dice la referencia de `projects.messages`; `data`, como en la semilla, en textos."""
    titulo, cuerpo = dice.titulo(muestra, sitio.idioma), dice.cuerpo(muestra, sitio.idioma)
    ya = aviso.prioridad in ("alta", "urgente") or aviso.clase == "menciones"
    return {
        "token": sitio.punto,
        "notification": {"title": titulo, "body": cuerpo},
        "data": {
            "title": titulo,
            "body": cuerpo,
            "conversacionId": dice.conversacion,
            "mensajeId": dice.mensaje,
            "cuantos": str(dice.cuantos),
            "etiqueta": aviso.pk,
        },
        "android": {
            "priority": "HIGH" if ya else "NORMAL",
            "ttl": f"{SEGUNDOS_DE_VIDA}s",
            # La misma: lo nuevo sustituye a lo que ya se ve.
            "notification": {"tag": aviso.pk},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": aviso.pk,
                "apns-priority": "10" if ya else "5",
                "apns-expiration": str(int(time.time()) + SEGUNDOS_DE_VIDA),
            },
            "payload": {"aps": {"sound": "default", "thread-id": dice.conversacion or aviso.pk}},
        },
    }


def _segun(contestacion: Contestacion) -> Resultado:
    estado = contestacion.estado
    if 200 <= estado < 300:
        return ENVIADO
    negativa = _leida(contestacion.cuerpo)
    codigos = {d.error_code for d in negativa.details} | {negativa.status}
    error = f"Firebase contestó {estado}: {negativa.message or negativa.status}"[:300]
    if codigos & _YA_NO_ESTA or estado == 404:
        return Resultado(Quedo.OLVIDADO, "El teléfono ya no está registrado")
    if estado in (401, 429) or estado >= 500:
        return Resultado(Quedo.REINTENTO, error, contestacion.espera)
    return Resultado(Quedo.FALLO, error)


def _leida(cuerpo: bytes) -> _Error:
    try:
        return msgspec.json.decode(cuerpo, type=_Negativa).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Error()


async def _permiso(salientes: Salientes, cuenta: dict[str, str]) -> str:
    """El que da Google a quien firma con la clave de la cuenta (RFC 7523); dura una hora.

    Dos a la vez lo piden dos veces, y los dos valen.
    """
    texto, hasta = _permisos.get(cuenta["client_email"], ("", 0.0))
    if hasta > time.monotonic():
        return texto
    contestacion = await salientes.enviar(
        cuenta["token_uri"],
        urlencode(
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": _firmado(cuenta),
            }
        ).encode(),
        {"content-type": "application/x-www-form-urlencoded"},
    )
    try:
        dado = msgspec.json.decode(contestacion.cuerpo, type=_Permiso)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        dicho = f"no da permiso a la cuenta de servicio ({contestacion.estado})"
        raise SinRespuesta(dicho) from None
    hasta = time.monotonic() + dado.expires_in - _MARGEN
    _permisos[cuenta["client_email"]] = (dado.access_token, hasta)
    return dado.access_token


def _firmado(cuenta: dict[str, str]) -> str:
    ahora = int(time.time())
    datos = {
        "iss": cuenta["client_email"],
        "scope": ALCANCE,
        "aud": cuenta["token_uri"],
        "iat": ahora,
        "exp": ahora + _SEGUNDOS_DE_PETICION,
    }
    return jwt.encode(datos, cuenta["private_key"], "RS256")
