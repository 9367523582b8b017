"""Un dispositivo, como lo reconoce su dueño: de qué programa es y de qué red.

Solo orienta: la cabecera `User-Agent` (RFC 9110, 10.1.5) dice lo que quiere quien la envía.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

DESCONOCIDO = "Dispositivo desconocido"

# El primero que aparece: casi todos se hacen pasar por los de más abajo.
_NAVEGADORES = (
    (re.compile(r"Edg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|OPiOS/"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrom(?:e|ium)/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
_SISTEMAS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
# Lo que no es un navegador: el nombre de su primer producto, como `curl/8.5` u `okhttp/4.9`.
_PRODUCTO = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


def nombre_de(agente: str) -> str:
    """«Chrome en Windows», o el nombre del programa; de 1 a 40 caracteres, sin nada raro."""
    if not agente.startswith("Mozilla/"):
        producto = _PRODUCTO.match(agente)
        return producto[0] if producto else DESCONOCIDO
    navegador = next((n for marca, n in _NAVEGADORES if marca.search(agente)), None)
    sistema = next((n for marca, n in _SISTEMAS if marca in agente), None)
    if navegador and sistema:
        return f"{navegador} en {sistema}"
    return navegador or sistema or DESCONOCIDO


def abreviar(direccion: str) -> str:
    """La red de esa dirección IP: `203.0.113.*`, `2001:db8:1::*`; vacía, si no lo es."""
    try:
        ip = ip_address(direccion.partition("%")[0])
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.version == 4:
        return f"{str(ip).rpartition('.')[0]}.*"
    return f"{ip_network((ip, 48), strict=False).network_address}*"
