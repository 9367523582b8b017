"""Quién abre una conexión: su dirección, su origen y lo demás que dice su primera petición."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from mensajeria.entre_procesos import aforo
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.protocolo.textos import quitar_controles
from mensajeria.puertas.asgi import Cabeceras, Scope


class QuienLlama:
    """Se interpreta solo lo que se pregunta.

    `direccion` es la del cliente, o vacía; uvicorn ya la tomó de `X-Forwarded-For` si el proxy es
    de confianza.
    """

    __slots__ = ("_agente", "_cabeceras", "_consulta", "_esquema", "_leida", "direccion")

    def __init__(self, scope: Scope) -> None:
        self.direccion: str = scope["client"][0] if scope.get("client") else ""
        self._agente: str | None = None
        self._cabeceras: Cabeceras = scope["headers"]
        self._consulta: bytes = scope["query_string"]
        self._leida: dict[str, str] | None = None
        self._esquema: str = scope.get("scheme", "http")

    async def ocupar_sitio(self) -> bool:
        """Cuenta una conexión más de esta dirección, si no pasa de su tope."""
        return await compartido().aforo.entrar(
            aforo.de_direccion(self.direccion), settings.CONEXIONES_POR_IP
        )

    def dejar_sitio(self) -> None:
        """La conexión que lo ocupaba terminó."""
        compartido().aforo.salir(aforo.de_direccion(self.direccion))

    def exportar(self) -> dict[str, Any]:
        """Lo que otro proceso necesita para atender la petición en lugar de este."""
        return {
            "direccion": self.direccion,
            "cabeceras": [parte for par in self._cabeceras for parte in par],
            "consulta": self._consulta,
            "esquema": self._esquema,
        }

    @classmethod
    def importar(cls, datos: dict[str, Any]) -> QuienLlama:
        """Lo contrario de `exportar`."""
        partes = iter(datos["cabeceras"])
        scope = {
            "client": (datos["direccion"], 0),
            "headers": list(zip(partes, partes, strict=True)),
            "query_string": datos["consulta"],
            # Uno de antes de renovarse no lo envía.
            "scheme": datos.get("esquema", "http"),
        }
        return cls(scope)

    def cabecera(self, nombre: bytes) -> str | None:
        """Una cabecera, por su nombre en minúsculas, sin interpretar las demás."""
        for clave, valor in self._cabeceras:
            if clave == nombre:
                return valor.decode("latin-1")
        return None

    @property
    def consulta(self) -> dict[str, str]:
        """Parámetros de la consulta; de los repetidos, el último, como Node."""
        if self._leida is None:
            pares = parse_qsl(self._consulta.decode("latin-1"), keep_blank_values=True)
            self._leida = dict(pares)
        return self._leida

    @property
    def agente(self) -> str:
        """La misma cadena para todos los que traen el mismo."""
        if self._agente is None:
            self._agente = sys.intern(quitar_controles(self.cabecera(b"user-agent") or ""))
        return self._agente

    def resumir(self) -> None:
        """Olvida lo demás que dijo: lo que queda dura lo que la conexión."""
        self._agente = self.agente
        self._cabeceras, self._consulta, self._leida = [], b"", None

    @property
    def origen(self) -> str | None:
        """La cabecera `Origin`; un navegador siempre la envía, los demás clientes no."""
        return self.cabecera(b"origin")

    @property
    def es_de_casa(self) -> bool:
        """Si lo abre una página de este servidor o de un origen nombrado en la lista."""
        origen = self.origen
        return bool(origen) and (self._es_el_propio or origen in settings.SOCKET_CORS_ORIGIN)

    @property
    def admitido(self) -> bool:
        """Sin `Origin` no hay navegador, y se admite; con él, es de casa o valen todos."""
        return not self.origen or self.es_de_casa or "*" in settings.SOCKET_CORS_ORIGIN

    @property
    def _es_el_propio(self) -> bool:
        host = self.cabecera(b"host")
        return bool(host) and self.origen == f"{'https' if self._seguro else 'http'}://{host}"

    @property
    def _seguro(self) -> bool:
        """Si llegó por HTTPS, con la misma regla que REST (`SECURE_PROXY_SSL_HEADER`)."""
        if settings.SECURE_PROXY_SSL_HEADER is not None:
            dicho = self.cabecera(b"x-forwarded-proto")
            if dicho is not None:
                return dicho.split(",")[0].strip() == "https"
        return self._esquema in ("https", "wss")

    @property
    def maquina_admitida(self) -> bool:
        """Si la máquina por la que pregunta (`Host`) es una de `ALLOWED_HOSTS`, como en REST."""
        maquina, _ = split_domain_port(self.cabecera(b"host") or "")
        return bool(maquina) and validate_host(maquina, settings.ALLOWED_HOSTS)
