"""Los ajustes de los avisos."""

from __future__ import annotations

import base64
import json
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from servitech import direcciones, entorno

LARGO_DEL_SECRETO = 32
_SENCILLA = re.compile(r"[a-z0-9_.-]{1,24}@[a-z0-9.-]{1,180}", re.IGNORECASE)
_DE_CUENTA = ("project_id", "client_email", "private_key", "token_uri")
_PUERTOS = {"smtp": 587, "smtps": 465, "smtp+claro": 25}


class Avisos(NamedTuple):
    """Quién los envía (`servir`, `aparte` o `no`), y con qué se sale por cada canal."""

    quien: str
    arriendo: int
    recordatorio: int
    vapid_clave: str
    vapid_contacto: str
    salientes_admitidas: list[str]
    fcm_cuenta: dict[str, str]
    fcm_url: str
    correo: str
    sitio: str
    correo_de_respuestas: str
    correo_entrante_secreto: str


def leer(variables: entorno.Variables) -> Avisos:
    """Los de `docs/avisos.md`."""
    return Avisos(
        quien=variables.leer("AVISOS", entorno.uno_de("servir", "aparte", "no"), "servir"),
        arriendo=variables.entero("AVISOS_ARRIENDO", 60, desde=2),
        recordatorio=variables.entero("RECORDATORIO_HORAS", 24, desde=0),
        vapid_clave=variables.leer("VAPID_CLAVE", _clave_vapid, "", secreto=True),
        vapid_contacto=variables.leer(
            "VAPID_CONTACTO", direcciones.contacto, "mailto:avisos@localhost"
        ),
        salientes_admitidas=variables.lista("SALIENTES_ADMITIDAS", direcciones.maquina),
        fcm_cuenta=variables.leer("FCM_CUENTA", _cuenta_de_fcm, {}, secreto=True),
        fcm_url=variables.leer("FCM_URL", direcciones.origen, "https://fcm.googleapis.com"),
        correo=variables.leer("CORREO_DE_AVISOS", _remitente, ""),
        sitio=variables.leer("SITIO", direcciones.origen, ""),
        correo_de_respuestas=variables.leer("CORREO_DE_RESPUESTAS", _de_respuestas, ""),
        correo_entrante_secreto=variables.leer(
            "CORREO_ENTRANTE_SECRETO", _secreto, "", secreto=True
        ),
    )


def _clave_vapid(valor: str) -> str:
    """32 bytes en base64 de URL."""
    try:
        crudo = base64.urlsafe_b64decode(valor + "=" * (-len(valor) % 4))
    except ValueError:
        crudo = b""
    if len(crudo) != 32 or not any(crudo):
        raise entorno.Malo("no es una clave", "la que escribe `manage.py claves_vapid`")
    return valor


def servidor_de_correo(variables: entorno.Variables) -> dict[str, Any]:
    """Los ajustes de correo de Django, de `CORREO_SERVIDOR`; sin él, cada correo va a la terminal.

    `smtp://usuario:clave@maquina:587` pide STARTTLS; `smtps://`, TLS desde el principio; y
    `smtp+claro://`, nada, para uno de esta misma máquina.
    """
    leido: dict[str, Any] = variables.leer("CORREO_SERVIDOR", _servidor, {}, secreto=True)
    return leido or {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


def _servidor(valor: str) -> dict[str, Any]:
    escribe = "smtp://usuario:clave@correo.tusitio.com:587"
    try:
        partes = urlsplit(valor)
        puerto = partes.port
    except ValueError:
        raise entorno.Malo("no es una dirección", escribe) from None
    if partes.scheme not in _PUERTOS or not partes.hostname:
        raise entorno.Malo("no es la de un servidor de correo", escribe)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": partes.hostname,
        "EMAIL_PORT": puerto or _PUERTOS[partes.scheme],
        "EMAIL_HOST_USER": unquote(partes.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(partes.password or ""),
        "EMAIL_USE_TLS": partes.scheme == "smtp",
        "EMAIL_USE_SSL": partes.scheme == "smtps",
        "EMAIL_TIMEOUT": 5,
    }


def _remitente(valor: str) -> str:
    """Un correo, solo o con nombre: `Servitech <avisos@tusitio.com>`."""
    correo = parseaddr(valor)[1]
    if "@" not in correo or "\n" in valor:
        raise entorno.Malo("no es un correo", "Servitech <avisos@tusitio.com>")
    return valor


def _de_respuestas(valor: str) -> str:
    """Una dirección sola, en la que quepa detrás `+` y la firma (RFC 5321, 4.5.3.1.1)."""
    if not _SENCILLA.fullmatch(valor):
        raise entorno.Malo("no es una dirección corta y sola", "responder@correo.tusitio.com")
    return valor.lower()


def _secreto(valor: str) -> str:
    if len(valor) < LARGO_DEL_SECRETO:
        escribe = 'lo que diga python -c "import secrets; print(secrets.token_hex(32))"'
        raise entorno.Malo(f"tiene menos de {LARGO_DEL_SECRETO} letras", escribe)
    return valor


def _cuenta_de_fcm(valor: str) -> dict[str, str]:
    """La cuenta de servicio que da Firebase: su JSON, o el archivo en que está."""
    escribe = "el camino del JSON de la cuenta de servicio"
    try:
        leida = json.loads(valor if valor.startswith("{") else Path(valor).read_text())
        cuenta = {campo: str(leida[campo]) for campo in _DE_CUENTA}
    except (OSError, ValueError, KeyError, TypeError):
        raise entorno.Malo("no es una cuenta de servicio", escribe) from None
    if "PRIVATE KEY" not in cuenta["private_key"]:
        raise entorno.Malo("no lleva una clave", escribe)
    return cuenta
