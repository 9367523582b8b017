"""Por donde entra lo que se contesta por correo: LMTP (RFC 2033) o SMTP, de un MTA de la casa.

Quien entrega sabe en qué quedó: 250, escrito o de un programa; 4xx, que lo intente más tarde; 5xx,
negado, y por qué, que se lo dirá él a quien lo envió.
"""

from __future__ import annotations

import asyncio
import unicodedata
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

from mensajeria.avisos.respuestas import direccion, lectura
from mensajeria.avisos.respuestas.entrada import PASAJEROS, recibir
from mensajeria.base_de_datos import Hilo
from mensajeria.nodo import nodo
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

# Los que se miran a la vez; y las conexiones, que cada una puede tener un correo entero en memoria.
HILOS = 2
MAX_CONEXIONES = 20
# Sin decir nada.
SEGUNDOS = 60.0
HECHO = "250 2.0.0 Hecho"
OCUPADO = b"421 4.3.2 Demasiadas conexiones; intentalo mas tarde\r\n"


class BuzonDeEntrada:
    """Lo que se hace con cada correo (los ganchos de aiosmtpd)."""

    def __init__(self) -> None:
        self._hilo = Hilo("correo-entrante", HILOS)
        self.abiertas = 0
        self.entregando: set[asyncio.Task[str]] = set()

    async def handle_RCPT(
        self, servidor: Any, sesion: Any, sobre: Any, para: str, opciones: Any
    ) -> str:
        """De uno en uno: en una conversación puede estar escrito y en otra no."""
        if sobre.rcpt_tos:
            return "452 4.5.3 Los demas destinatarios, en otra entrega"
        try:
            direccion.leer(para)
        except ErrorMensajeria as error:
            if error.codigo is not CodigoError.TOKEN_EXPIRED:
                return respuesta(error)
        sobre.rcpt_tos.append(para)
        return "250 2.1.5 Si"

    async def handle_DATA(self, servidor: Any, sesion: Any, sobre: Any) -> str:
        # Aunque quien entrega se vaya, se acaba: si vuelve con el mismo, ya estará.
        tarea = asyncio.ensure_future(self._entregar(sobre))
        self.entregando.add(tarea)
        tarea.add_done_callback(self.entregando.discard)
        return await asyncio.shield(tarea)

    async def _entregar(self, sobre: Any) -> str:
        crudo, [para], de = sobre.content, sobre.rcpt_tos, sobre.mail_from or ""
        try:
            await self._hilo(_recibir, crudo, para, de)
        except ErrorMensajeria as error:
            return respuesta(error)
        return HECHO


def _recibir(crudo: bytes, para: str, de: str) -> None:
    recibir(crudo, para, de, nodo().pedir_una, decirlo=False)


def respuesta(error: ErrorMensajeria) -> str:
    """La de SMTP, en una línea de ASCII (RFC 5321, 4.2)."""
    if error.codigo in PASAJEROS:
        codigo = "451 4.3.0"
    elif error.codigo is CodigoError.NOT_FOUND:
        codigo = "550 5.1.1"
    elif error.codigo is CodigoError.PAYLOAD_TOO_LARGE:
        codigo = "552 5.3.4"
    else:
        codigo = "550 5.7.1"
    llano = unicodedata.normalize("NFKD", error.mensaje).encode("ascii", "ignore").decode()
    return f"{codigo} {' '.join(llano.split())[:400]}"


def protocolo(buzon: BuzonDeEntrada, *, smtp: bool) -> asyncio.Protocol:
    """El de una conexión."""
    clase = _PorSMTP if smtp else _PorLMTP
    return clase(
        buzon,
        data_size_limit=lectura.bytes_que_caben(),
        hostname="localhost",
        ident="Servitech",
        timeout=SEGUNDOS,
        loop=asyncio.get_running_loop(),
    )


class _PorSMTP(SMTP):
    """Las que pasan de las que caben se despiden."""

    def connection_made(self, transport: Any) -> None:
        self.event_handler.abiertas += 1
        super().connection_made(transport)
        if self.event_handler.abiertas > MAX_CONEXIONES:
            transport.write(OCUPADO)
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.abiertas -= 1
        super().connection_lost(error)


class _PorLMTP(_PorSMTP, LMTP):
    pass
