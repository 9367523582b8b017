"""Lo que este servidor pide a otros: el único sitio por donde sale una petición.

Una dirección la puede haber puesto cualquiera (un navegador al suscribirse, un teléfono): que no
sirva para llamar, desde dentro, a lo que solo se ve desde dentro.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import re
import socket
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings

SEGUNDOS = 10.0
SEGUNDOS_PARA_CONECTAR = 5.0
MAX_RESPUESTA = 64 * 1024
MAX_DIRECCION = 2048
# Los que cada canal envía a la vez, y los nombres que se buscan: buscar uno no se interrumpe,
# y los de quien tarda no dejan sin hilo a los demás.
A_LA_VEZ = 50
HILOS_DE_NOMBRES = 64

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
        self._nombres = ThreadPoolExecutor(HILOS_DE_NOMBRES, thread_name_prefix="nombres")
        self._cliente = httpx.AsyncClient(
            follow_redirects=False,
            # Un proxy del entorno resolvería él la dirección que aquí ya se miró.
            trust_env=False,
            timeout=httpx.Timeout(SEGUNDOS, connect=SEGUNDOS_PARA_CONECTAR),
            # Las que se usan a la vez las cuenta quien envía: un canal no espera a que otro acabe.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=A_LA_VEZ),
        )

    async def cerrar(self) -> None:
        self._nombres.shutdown(wait=False, cancel_futures=True)
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
                donde = await _resuelta(url, self._nombres)
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


def comprobada(url: str) -> SplitResult:
    """Sus partes, si se puede llamar a ella; si no, lanza `Prohibida`. No mira a dónde lleva."""
    try:
        partes = urlsplit(url)
        nombre, _ = partes.hostname or "", partes.port
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
    return partes


async def _resuelta(url: str, hilos: Executor) -> _Donde:
    partes = comprobada(url)
    nombre = partes.hostname or ""
    puerto = partes.port or (443 if partes.scheme == "https" else 80)
    ips = await _ips_de(nombre, puerto, hilos)
    admitida = nombre in settings.SALIENTES_ADMITIDAS
    buenas = [ip for ip in ips if admitida or es_publica(ip)]
    if not buenas:
        raise Prohibida("no es una dirección pública")
    ip = buenas[0]
    destino = f"[{ip}]:{puerto}" if ":" in ip else f"{ip}:{puerto}"
    return _Donde(partes._replace(netloc=destino).geturl(), partes.netloc, nombre)


async def _ips_de(nombre: str, puerto: int, hilos: Executor) -> list[str]:
    buscar = functools.partial(socket.getaddrinfo, nombre, puerto, type=socket.SOCK_STREAM)
    try:
        halladas = await asyncio.get_running_loop().run_in_executor(hilos, buscar)
    except (OSError, UnicodeError):
        raise SinRespuesta("no se encuentra por su nombre") from None
    return [str(h[4][0]) for h in halladas]


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
