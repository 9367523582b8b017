"""Orígenes, nombres de máquina y direcciones, escritos como los enviará quien llame.

Lo que no podría coincidir nunca con nada se normaliza si solo hay un modo de entenderlo, y si no se
niega: lanza `Malo`.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from servitech.entorno import Malo

_NOMBRE: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*")
Red = ipaddress.IPv4Network | ipaddress.IPv6Network
_HABITUALES: Final = {"http": 80, "https": 443}


def origen(valor: str) -> str:
    """Un origen como lo serializa un navegador (RFC 6454, 6.2), o `*`."""
    if valor == "*":
        return valor
    if "*" in valor:
        raise Malo("un comodín dentro de un origen no vale", "cada origen entero, por comas")
    partes = _partir(valor)
    if "://" not in valor or not partes.hostname:
        raise Malo(f"«{valor}» no es un origen", "https://tusitio.com")
    esquema = partes.scheme
    entero = f"{esquema}://{_en_url(partes.hostname)}"
    if partes.port is not None and partes.port != _HABITUALES.get(esquema):
        entero += f":{partes.port}"
    if esquema in ("ws", "wss"):
        raise Malo(
            "el origen es el de la página, no el del socket", entero.replace("ws", "http", 1)
        )
    if partes.path not in ("", "/") or partes.query or partes.fragment or "@" in partes.netloc:
        raise Malo("un origen es esquema, nombre y puerto, sin nada más", entero)
    return entero


def maquina(valor: str) -> str:
    """Un nombre de `ALLOWED_HOSTS`, sin puerto; con un punto delante, también los de debajo."""
    if valor == "*":
        return valor
    if "://" in valor or "/" in valor:
        sitio = _partir(valor if "://" in valor else f"//{valor}").hostname
        raise Malo("va el nombre solo, sin esquema ni ruta", sitio or "mensajes.tusitio.com")
    punto = "." if valor.startswith(".") else ""
    if "*" in valor:
        resto = valor.removeprefix("*.")
        escribe = "mensajes.tusitio.com" if "*" in resto else f".{resto}"
        raise Malo("un comodín dentro de un nombre no vale", escribe)
    try:
        solo = str(ipaddress.IPv6Address(valor))
    except ValueError:
        solo = _partir(f"//{valor.removeprefix('.')}").hostname or ""
    return punto + _en_url(solo.removesuffix("."))


def escucha(valor: str) -> str:
    """Dónde se escucha: una dirección de esta máquina, o su nombre."""
    if valor == "*":
        raise Malo("no es una dirección", "0.0.0.0")
    sin_corchetes = valor.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(sin_corchetes))
    except ValueError:
        if not _NOMBRE.fullmatch(valor.lower()):
            raise Malo(
                "no es una dirección, o lleva el puerto (que va en PORT)", "0.0.0.0"
            ) from None
        return valor


def con_puerto(valor: str) -> tuple[str, int]:
    """Una máquina y su puerto."""
    partes = _partir(f"//{valor}")
    if not partes.hostname or partes.port is None or partes.path:
        raise Malo("es una máquina y su puerto", "localhost:3310")
    return partes.hostname, partes.port


def contacto(valor: str) -> str:
    """A dónde se escribe (RFC 9116, 2.5.3): un correo, con `mailto:` o sin él, o una página."""
    if valor.startswith("https://") and _partir(valor).hostname:
        return valor
    correo = valor.removeprefix("mailto:")
    try:
        validate_email(correo)
    except ValidationError:
        raise Malo(
            f"«{valor}» no es un correo ni una página https", "seguridad@tusitio.com"
        ) from None
    return f"mailto:{correo}"


def proxies(valor: str) -> str:
    """Direcciones y redes por comas; `*`, y las redes que entre ellas las tengan todas, son `*`."""
    redes: list[Red] = []
    for uno in filter(None, (parte.strip() for parte in valor.split(","))):
        if uno == "*":
            return "*"
        try:
            redes.append(_sin_mapear(ipaddress.ip_network(uno, strict=False)))
        except ValueError:
            raise Malo(f"«{uno}» no es una dirección ni una red", "127.0.0.1,10.0.0.0/8") from None
    juntas: tuple[Red, ...] = (
        *ipaddress.collapse_addresses(r for r in redes if isinstance(r, ipaddress.IPv4Network)),
        *ipaddress.collapse_addresses(r for r in redes if isinstance(r, ipaddress.IPv6Network)),
    )
    if any(red.prefixlen == 0 for red in juntas):
        return "*"
    return ",".join(str(r.network_address if r.num_addresses == 1 else r) for r in redes)


def esta_en(direccion: str, redes: str) -> bool:
    """Si es de alguna de esas, como las da `proxies`."""
    if redes == "*":
        return True
    try:
        suya = ipaddress.ip_address(direccion)
    except ValueError:
        return False
    return any(suya in ipaddress.ip_network(red) for red in redes.split(",") if red)


def _sin_mapear(red: Red) -> Red:
    """Una de IPv4 escrita como IPv6 (`::ffff:10.0.0.0/104`) es la de IPv4: así llegan aquí."""
    if isinstance(red, ipaddress.IPv4Network) or red.prefixlen < 96:
        return red
    dentro = red.network_address.ipv4_mapped
    return red if dentro is None else ipaddress.IPv4Network((dentro, red.prefixlen - 96))


def de_origen(uno: str) -> str:
    """El nombre de máquina de un origen ya normalizado."""
    return _en_url(urlsplit(uno).hostname or "")


def _partir(valor: str) -> SplitResult:
    try:
        partes = urlsplit(valor)
        _ = partes.port
    except ValueError:
        raise Malo(f"«{valor}» no es una dirección", "https://tusitio.com") from None
    return partes


def _en_url(nombre: str) -> str:
    """Como va en una URL: en minúsculas, con acentos en punycode, y una IPv6 entre corchetes."""
    try:
        return f"[{ipaddress.IPv6Address(nombre)}]"
    except ValueError:
        pass
    try:
        solo = nombre.lower().encode("idna").decode()
    except UnicodeError:
        solo = ""
    if not _NOMBRE.fullmatch(solo):
        raise Malo(f"«{nombre}» no es un nombre de máquina", "mensajes.tusitio.com")
    return solo
