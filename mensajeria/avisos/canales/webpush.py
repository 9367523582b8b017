"""Web Push: cifrado para el navegador (RFC 8291), firmado por nosotros (RFC 8292) y con tema, así
que lo nuevo sustituye a lo que aún no llegó (RFC 8030)."""

from __future__ import annotations

import base64
import functools
import time
from typing import Any

import http_ece
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from mensajeria.avisos.buzon import ENVIADO, Quedo, Resultado, sale_por
from mensajeria.avisos.dicho import LoQueDice
from mensajeria.models import Aviso, Canal, Dispositivo
from mensajeria.protocolo.errores import no_valido
from mensajeria.salientes import Contestacion, Prohibida, Salientes, SinRespuesta, comprobada

CURVA = ec.SECP256R1()
# Lo que un aviso sin entregar espera al navegador, y lo que vale la firma de un origen.
SEGUNDOS_DE_VIDA = 24 * 3600
SEGUNDOS_DE_FIRMA = 12 * 3600
_RENOVAR = 3600
_URGENCIA = {"baja": "low", "normal": "normal", "alta": "high", "urgente": "high"}


def en_base64(crudo: bytes) -> str:
    return base64.urlsafe_b64encode(crudo).rstrip(b"=").decode()


def de_base64(texto: str) -> bytes:
    """Lanza ValueError si no lo es."""
    return base64.b64decode(texto + "=" * (-len(texto) % 4), altchars=b"-_", validate=True)


# Las claves


@functools.cache
def _privada(clave: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(de_base64(clave)), CURVA)


def publica_de(clave: str) -> str:
    """La pública de esa privada, como la pide el navegador al suscribirse."""
    punto = _privada(clave).public_key()
    return en_base64(punto.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def clave_publica() -> str | None:
    """La de este servidor; `None`, si no sale por aquí."""
    return publica_de(settings.VAPID_CLAVE) if sale_por(Canal.WEBPUSH) else None


def comprobar_punto(punto: str) -> None:
    """VALIDATION_ERROR si no es una dirección a la que se pueda llamar."""
    try:
        comprobada(punto)
    except Prohibida as error:
        raise no_valido(f"«punto» es la dirección que dio el navegador: {error}", "punto") from None


def comprobar_claves(p256dh: str, auth: str) -> None:
    """VALIDATION_ERROR si no son las de un navegador."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVA, de_base64(p256dh))
        bien = len(de_base64(auth)) == 16
    except ValueError:
        bien = False
    if not bien:
        raise no_valido("«claves» son las que dio el navegador: p256dh y auth", "claves")


# Enviar


async def entregar(
    salientes: Salientes, aviso: Aviso, dice: LoQueDice, muestra: str, sitio: Dispositivo
) -> Resultado:
    cuerpo = cifrar(msgspec.json.encode(_carga(aviso, dice, muestra, sitio.idioma)), sitio.claves)
    cabeceras = {
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(SEGUNDOS_DE_VIDA),
        "urgency": _URGENCIA[aviso.prioridad],
        "topic": aviso.pk[:32],
    }
    try:
        cabeceras["authorization"] = firma_para(sitio.punto)
        respuesta = await salientes.enviar(sitio.punto, cuerpo, cabeceras)
    except Prohibida as error:
        return Resultado(Quedo.FALLO, f"No se llama a esa dirección: {error}")
    except SinRespuesta as error:
        return Resultado(Quedo.REINTENTO, f"El servicio de avisos {error}")
    return _segun(respuesta)


def _carga(aviso: Aviso, dice: LoQueDice, muestra: str, idioma: str) -> dict[str, Any]:
    """Lo que leerá el service worker; de lo que no se enseña, nada."""
    return {
        "titulo": dice.titulo(muestra, idioma),
        "cuerpo": dice.cuerpo(muestra, idioma),
        "conversacionId": dice.conversacion or None,
        "mensajeId": dice.mensaje or None,
        "cuantos": dice.cuantos,
        "etiqueta": aviso.pk,
        "urgente": aviso.prioridad == "urgente",
    }


def cifrar(claro: bytes, claves: dict[str, str]) -> bytes:
    return bytes(
        http_ece.encrypt(
            claro,
            private_key=ec.generate_private_key(CURVA),
            dh=de_base64(claves["p256dh"]),
            auth_secret=de_base64(claves["auth"]),
            version="aes128gcm",
        )
    )


def firma_para(punto: str) -> str:
    """La cabecera que dice quiénes somos al servicio de esa dirección. Lanza `Prohibida`."""
    partes = comprobada(punto)
    origen, tramo = f"{partes.scheme}://{partes.netloc}", int(time.time()) // _RENOVAR
    clave = settings.VAPID_CLAVE
    return f"vapid t={_firmado(origen, tramo, clave)}, k={publica_de(clave)}"


@functools.lru_cache(256)
def _firmado(origen: str, tramo: int, clave: str) -> str:
    datos = {
        "aud": origen,
        "exp": tramo * _RENOVAR + SEGUNDOS_DE_FIRMA,
        "sub": settings.VAPID_CONTACTO,
    }
    return jwt.encode(datos, _privada(clave), "ES256")


def _segun(respuesta: Contestacion) -> Resultado:
    estado = respuesta.estado
    if 200 <= estado < 300:
        return ENVIADO
    if estado in (404, 410):
        return Resultado(Quedo.OLVIDADO, "El navegador ya no está suscrito")
    dicho = respuesta.cuerpo[:120].decode(errors="replace").strip()
    error = f"El servicio de avisos contestó {estado}{f': {dicho}' if dicho else ''}"
    if estado == 429 or estado >= 500:
        return Resultado(Quedo.REINTENTO, error, respuesta.espera)
    return Resultado(Quedo.FALLO, error)
