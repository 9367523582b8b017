"""Las conexiones HTTP de uvicorn, con límites antes de saber quién es nadie.

RFC 6585 (429, 431) y RFC 9110 (408, 503). uvicorn guarda las cabeceras que le den, y espera por
ellas lo que haga falta.
"""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from typing import Any

from django.conf import settings
from uvicorn.middleware.proxy_headers import _parse_host_port, _TrustedHosts
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mensajeria import descriptores, metricas
from mensajeria.entre_procesos.aforo import red_de, sin_mapear
from mensajeria.protocolo.errores import CodigoError
from mensajeria.puertas.asgi import LLENO, Respuesta, negativa, respuesta_http

MAX_CABECERAS = 32 * 1024
SEGUNDOS_DE_CABECERAS = 10.0
# Lo que ocupa como mucho lo que separa los trozos de un cuerpo, por byte suyo: en los más cortos
# (de uno, con su largo en hexadecimal y dos saltos de línea) son cinco.
POR_BYTE_EN_TROZOS = 8
# Lo que se espera a que llegue entero un cuerpo, lo lea quien lo lea, y a que quien recibe una
# respuesta lea lo que ya no cabe en su camino (64 KiB).
SEGUNDOS_DE_CUERPO = 30.0
# En las extensiones de una petición: quien la atiende dice cuántos segundos más lo espera.
ALARGAR = "mensajeria.alargar"
SEGUNDOS_SIN_LEER = 60.0
# Lo que se deja a quien se rechaza para leer por qué: cerrar con algo sin leer lo borra.
SEGUNDOS_PARA_LEERLO = 1.0
SIN_SITIO = negativa(
    503, CodigoError.UNAVAILABLE, "No caben más conexiones; inténtalo dentro de un minuto", 60
)
INCOMPLETA = negativa(
    408, CodigoError.VALIDATION_ERROR, "La petición no llegó entera a tiempo; envíala otra vez"
)
CABECERAS_DE_MAS = negativa(
    431, CodigoError.PAYLOAD_TOO_LARGE, "La dirección y las cabeceras pasan de 32 KiB"
)

_abiertas: Counter[str] = Counter()

# Con la regla de uvicorn, que es quien cree a esos lo que digan.
_proxies = functools.cache(_TrustedHosts)


def quien_conecta(direccion: tuple[str, int] | None) -> tuple[str, int] | None:
    """La del otro lado, como la escribe quien la nombra en un ajuste."""
    return direccion and (sin_mapear(direccion[0]), direccion[1])


def _de_quien_viene(valor: bytes) -> bytes:
    """`X-Forwarded-For`, igual de legible y sin puertos."""
    partes = valor.decode("latin-1").split(",")
    return ", ".join(sin_mapear(_parse_host_port(p.strip())[0]) for p in partes).encode("latin-1")


class ProtocoloHTTP(HttpToolsProtocol):
    """Una conexión. Las de un proxy de confianza no se cuentan: son de muchos."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.client = quien_conecta(self.client)
        self._leidos = self._de_cuerpo = 0
        self._en_cuerpo = False
        self._rechazada = False
        self._plazo: asyncio.TimerHandle | None = None
        self._plazo_de_lectura: asyncio.TimerHandle | None = None
        self._esperar(SEGUNDOS_DE_CABECERAS)
        direccion = self.client[0] if self.client else ""
        de_un_proxy = direccion in _proxies(settings.PROXIES_DE_CONFIANZA)
        self._red = "" if de_un_proxy else red_de(direccion)
        _abiertas[self._red] += 1
        if self._sin_descriptores():
            self._rechazar(SIN_SITIO)
        elif self._red and _abiertas[self._red] > settings.CONEXIONES_POR_IP:
            self._rechazar(LLENO)

    def _sin_descriptores(self) -> bool:
        """Si hay que despedir a esta; con la mitad de la reserva ya gastada, ni se le dice."""
        libres = descriptores.quedan(self.transport.get_extra_info("socket").fileno())
        if libres < descriptores.reserva() // 2:
            self.transport.abort()
        return libres < descriptores.reserva()

    def connection_lost(self, exc: Exception | None) -> None:
        self._soltar()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Desde aquí la cuenta su puerta."""
        self._soltar()
        self.connections.discard(self)
        # Lleva a esta conexión, que lo lleva a él: esperarían al recolector.
        self.parser = None  # type: ignore[assignment]
        saludo: Any = self.ws_protocol_class
        saludo(self).saludar(self)

    def _soltar(self) -> None:
        self._dejar_de_esperar()
        self._lee()
        _abiertas[self._red] -= 1
        if not _abiertas[self._red]:
            del _abiertas[self._red]

    # Quien no lee la respuesta

    def pause_writing(self) -> None:
        super().pause_writing()
        self._lee()
        self._plazo_de_lectura = self.loop.call_later(SEGUNDOS_SIN_LEER, self.transport.abort)

    def resume_writing(self) -> None:
        self._lee()
        super().resume_writing()

    def _lee(self) -> None:
        if self._plazo_de_lectura is not None:
            self._plazo_de_lectura.cancel()
            self._plazo_de_lectura = None

    # Las cabeceras y el cuerpo de cada petición

    def _esperar(self, segundos: float) -> None:
        if self._plazo is None:
            self._plazo = self.loop.call_later(segundos, self._rechazar, INCOMPLETA)

    def _dejar_de_esperar(self) -> None:
        if self._plazo is not None:
            self._plazo.cancel()
            self._plazo = None

    def _alargar(self, segundos: float) -> None:
        if self._en_cuerpo and not self._rechazada:
            self._dejar_de_esperar()
            self._esperar(segundos)

    def data_received(self, data: bytes) -> None:
        if self._rechazada:
            return
        self._leidos += len(data)
        super().data_received(data)
        # Lo que no es cuerpo: las cabeceras, también las que van tras él, y lo que separa trozos.
        if self._leidos > MAX_CABECERAS + POR_BYTE_EN_TROZOS * self._de_cuerpo:
            self._rechazar(CABECERAS_DE_MAS)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._esperar(SEGUNDOS_DE_CABECERAS)

    def on_header(self, name: bytes, value: bytes) -> None:
        # Las que van tras el cuerpo no cambian nada de la petición (RFC 9110, 6.5.1).
        if not self._en_cuerpo:
            de_un_proxy = name.lower() == b"x-forwarded-for"
            super().on_header(name, _de_quien_viene(value) if de_un_proxy else value)

    def on_headers_complete(self) -> None:
        self._dejar_de_esperar()
        self._leidos = self._de_cuerpo = 0
        largo = len(self.url) + sum(len(k) + len(v) for k, v in self.headers)
        if largo > MAX_CABECERAS:
            self._rechazar(CABECERAS_DE_MAS)
        if not self._rechazada:
            self._en_cuerpo = True
            super().on_headers_complete()
            self.scope["extensions"] = {ALARGAR: self._alargar}  # type: ignore[dict-item]
            self._esperar(SEGUNDOS_DE_CUERPO)

    def on_body(self, body: bytes) -> None:
        self._leidos -= len(body)
        self._de_cuerpo += len(body)
        if not self._rechazada:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._leidos = self._de_cuerpo = 0
        if not self._rechazada:
            self._en_cuerpo = False
            # Lleva a esta conexión, que la lleva a ella: sin esto, esperarían al recolector.
            self.scope.pop("extensions", None)
            self._dejar_de_esperar()
            super().on_message_complete()

    def _rechazar(self, respuesta: Respuesta) -> None:
        """Dice por qué y cierra; si ya se contestaba a esa petición, solo cierra."""
        if self._rechazada or self.transport.is_closing():
            return
        self._rechazada = True
        metricas.NEGATIVAS.labels("http", respuesta.estado).inc()
        self._dejar_de_esperar()
        if self._abandonar():
            self.transport.close()
            return
        cabeceras = [*respuesta.cabeceras, (b"cache-control", b"no-store")]
        cuerpo = respuesta.cuerpo.encode()
        self.transport.write(respuesta_http(respuesta.estado, cabeceras, cuerpo))
        self.transport.write_eof()
        self.loop.call_later(SEGUNDOS_PARA_LEERLO, self.transport.abort)

    def _abandonar(self) -> bool:
        """Quien la atiende la da por ida; cierto si ya empezó a contestar, o antes va otra."""
        ciclo = self.cycle
        if ciclo is None or (ciclo.response_complete and not self._en_cuerpo):
            return False
        ciclo.disconnected = True
        ciclo.message_event.set()
        return ciclo.response_started or bool(self.pipeline)
