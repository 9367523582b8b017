"""Lo que este servidor pide a otros: el único sitio por donde sale una petición.

Una dirección la puede haber puesto cualquiera (un navegador al suscribirse, un teléfono): que no
sirva para llamar, desde dentro, a lo que solo se ve desde dentro.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

SEGUNDOS = 10.0
SEGUNDOS_PARA_CONECTAR = 5.0
MAX_RESPUESTA = 64 * 1024
MAX_DIRECCION = 2048
A_LA_VEZ = 20

_VISIBLE = re.compile("[!-~]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Lo único de IPv6 que se ha dado para Internet (RFC 4291, 2.4).
_DE_INTERNET = ipaddress.ip_network("2000::/3")
# Lo de los protocolos (RFC 6890), que Python da en parte por de Internet.
_DE_PROTOCOLOS = ipaddress.ip_network("192.0.0.0/24")


class Prohibida(Exception):
    """A esa dirección no se llama, y nunca se llamará."""


class SinRespuesta(Exception):
    """No contestó, o no se pudo llegar: más tarde, quizá."""


@dataclass(slots=True, frozen=True)
class Contestacion:
    estado: int
    cabeceras: Mapping[str, str]
    cuerpo: bytes

    @property
    def espera(self) -> float | None:
        """Lo que pide esperar, en segundos; una fecha no se mira."""
        try:
            return max(0.0, float(self.cabeceras.get("retry-after", "")))
        except ValueError:
            return None


class Salientes:
    """Sus conexiones duran lo que él. Se usa en un bucle de eventos, y al acabar se cierra."""

    def __init__(self) -> None:
        self._cliente = httpx.AsyncClient(
            follow_redirects=False,
            # Un proxy del entorno resolvería él la dirección que aquí ya se miró.
            trust_env=False,
            timeout=httpx.Timeout(SEGUNDOS, connect=SEGUNDOS_PARA_CONECTAR),
            limits=httpx.Limits(max_connections=A_LA_VEZ, max_keepalive_connections=A_LA_VEZ),
        )

    async def cerrar(self) -> None:
        await self._cliente.aclose()

    async def enviar(
        self, url: str, cuerpo: bytes, cabeceras: Mapping[str, str], metodo: str = "POST"
    ) -> Contestacion:
        """Lo que contestó, sin seguir redirecciones. Lanza `Prohibida` o `SinRespuesta`.

        El nombre se resuelve una vez, y se llama a la dirección que se miró: si al repetirlo diera
        otra, daría igual.
        """
        try:
            async with asyncio.timeout(SEGUNDOS):
                donde = await _resuelta(url)
                peticion = self._cliente.build_request(
                    metodo,
                    donde.url,
                    content=cuerpo,
                    headers={**cabeceras, "host": donde.maquina},
                    extensions={"sni_hostname": donde.nombre},
                )
                return await self._leer(peticion)
        except (httpx.InvalidURL, UnicodeError):
            raise Prohibida("no es una dirección") from None
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            raise SinRespuesta(f"no contesta ({type(error).__name__})") from None

    async def _leer(self, peticion: httpx.Request) -> Contestacion:
        respuesta = await self._cliente.send(peticion, stream=True)
        try:
            cuerpo = b""
            async for trozo in respuesta.aiter_raw():
                cuerpo += trozo
                if len(cuerpo) >= MAX_RESPUESTA:
                    break
            return Contestacion(respuesta.status_code, respuesta.headers, cuerpo[:MAX_RESPUESTA])
        finally:
            await respuesta.aclose()


@dataclass(slots=True, frozen=True)
class _Donde:
    """La dirección con la IP ya puesta; `maquina` va en `Host`, y `nombre`, en TLS."""

    url: str
    maquina: str
    nombre: str


async def _resuelta(url: str) -> _Donde:
    try:
        partes = urlsplit(url)
        nombre, puerto = partes.hostname or "", partes.port
    except ValueError:
        raise Prohibida("no es una dirección") from None
    # Como la escribe un navegador: lo que no se ve, ni se mira.
    if not _VISIBLE.fullmatch(url):
        raise Prohibida("no es una dirección")
    if not nombre or len(url) > MAX_DIRECCION or partes.username or partes.password:
        raise Prohibida("no es una dirección")
    admitida = nombre in settings.SALIENTES_ADMITIDAS
    if partes.scheme != "https" and not (admitida and partes.scheme == "http"):
        raise Prohibida("no es https")
    puerto = puerto or (443 if partes.scheme == "https" else 80)
    ip = await _ip_de(nombre, puerto, admitida=admitida)
    destino = f"[{ip}]:{puerto}" if ":" in ip else f"{ip}:{puerto}"
    return _Donde(partes._replace(netloc=destino).geturl(), partes.netloc, nombre)


async def _ip_de(nombre: str, puerto: int, *, admitida: bool) -> str:
    """Una de sus direcciones públicas; de una admitida en los ajustes, cualquiera."""
    bucle = asyncio.get_running_loop()
    try:
        halladas: list[Any] = await bucle.getaddrinfo(nombre, puerto, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SinRespuesta("su nombre no se encuentra") from None
    ips = [str(h[4][0]) for h in halladas]
    buenas = [ip for ip in ips if admitida or es_publica(ip)]
    if not buenas:
        raise Prohibida("no es una dirección pública")
    return buenas[0]


def es_publica(direccion: str) -> bool:
    """Si es de Internet: ni de esta máquina, ni de una red privada, ni dicho con otra forma."""
    ip = ipaddress.ip_address(direccion.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        dentro = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            dentro = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if ip.teredo is not None:
            dentro = ip.teredo[1]
        if dentro is not None:
            return es_publica(str(dentro))
        if ip not in _DE_INTERNET:
            return False
    elif ip in _DE_PROTOCOLOS:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
