"""A qué Redis se llama: a uno, o al maestro que digan unos Sentinel.

`redis+sentinel://[usuario[:clave]@]uno[:26379][,otro…]/maestro[/base][?opciones]`; por TLS,
`rediss+sentinel://`. Las opciones son las de redis-py; `sentinel_username` y `sentinel_password`,
la cuenta de los Sentinel.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import redis
from redis.connection import parse_url
from redis.sentinel import Sentinel, SentinelConnectionPool

_PUERTO_DE_SENTINEL: Final = 26379
_DE_SENTINEL: Final = ("redis+sentinel", "rediss+sentinel")
ESQUEMAS: Final = ("redis", "rediss", "unix", *_DE_SENTINEL)


class Reserva:
    """Lo que la caché de Django pide a una reserva de conexiones: que salga de una dirección."""

    @staticmethod
    def from_url(url: str, **opciones: Any) -> redis.ConnectionPool:
        """Las conexiones a ese Redis; `ValueError` si la dirección no se entiende."""
        if urlsplit(url).scheme not in _DE_SENTINEL:
            return redis.ConnectionPool.from_url(url, **opciones)
        suyo = _de_sentinel(url, opciones)
        vigias: Any = Sentinel(suyo.pop("sentinels"), sentinel_kwargs=suyo.pop("sentinel_kwargs"))  # type: ignore[no-untyped-call]
        return SentinelConnectionPool(suyo.pop("master_name"), vigias, **suyo)  # type: ignore[no-untyped-call]


def para_la_capa(url: str, **opciones: Any) -> dict[str, Any]:
    """Lo mismo, como lo pide `channels_redis` en `hosts`."""
    if urlsplit(url).scheme not in _DE_SENTINEL:
        return {"address": url, **opciones}
    return _de_sentinel(url, opciones)


def _de_sentinel(url: str, opciones: dict[str, Any]) -> dict[str, Any]:
    partes = urlsplit(url)
    cuenta, arroba, sitios = partes.netloc.rpartition("@")
    maestro, _, base = partes.path.strip("/").partition("/")
    if not maestro:
        raise ValueError("falta el nombre del maestro")
    consulta = parse_qs(partes.query)
    suyas = {
        nombre: consulta.pop(f"sentinel_{nombre}")[-1]
        for nombre in ("username", "password")
        if f"sentinel_{nombre}" in consulta
    }
    # Lo que no es de Sentinel lo lee redis-py, con un sitio cualquiera.
    resto = f"redis://{cuenta}{arroba}uno/{base}?{urlencode(consulta, doseq=True)}"
    leido: dict[str, Any] = parse_url(resto)  # type: ignore[no-untyped-call]
    leido.pop("host")
    tls = {"ssl": True} if partes.scheme.startswith("rediss") else {}
    plazos = {k: v for k, v in opciones.items() if k.startswith("socket_")}
    return {
        "sentinels": [_sitio(uno) for uno in sitios.split(",")],
        "master_name": maestro,
        "sentinel_kwargs": {**plazos, **suyas, **tls},
        **leido,
        **opciones,
        **tls,
    }


def _sitio(uno: str) -> tuple[str, int]:
    partes = urlsplit(f"//{uno}")
    if not partes.hostname:
        raise ValueError("falta un Sentinel")
    return partes.hostname, partes.port or _PUERTO_DE_SENTINEL
