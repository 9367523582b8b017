"""El WebSocket de uvicorn: lleva el saludo, y cede la conexión a quien la lleve sin ASGI."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)

from mensajeria.puertas.asgi import DETENIENDOSE
from mensajeria.puertas.directo import WebSocketDirecto
from mensajeria.puertas.entrada_http import quien_conecta
from mensajeria.puertas.tramas import LectorDeTramas
from mensajeria.puertas.websocket import CEDER

# Sin contexto entre mensajes: lo comprimido para uno vale para todos, y nadie guarda ventanas.
COMPRESION = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=12,
    client_max_window_bits=12,
)


class _Cedido:
    """Lo que queda en lugar del transporte: uvicorn cierra el suyo cuando la aplicación vuelve."""

    def __init__(self, ws: WebSocketDirecto) -> None:
        self.close = ws.sin_aplicacion


class ProtocoloWS(WebSocketsSansIOProtocol):
    def __init__(self, *argumentos: Any, **mas: Any) -> None:
        super().__init__(*argumentos, **mas)
        if self.config.ws_per_message_deflate:
            self.conn.available_extensions = [COMPRESION]
        self._temprano = b""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.client = quien_conecta(self.client)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][CEDER] = self._ceder  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self.handshake_complete:
            # Envía sin esperar a que se le acepte: lo leerá quien lleve la conexión.
            self._temprano += data
            self.transport.pause_reading()
        else:
            super().data_received(data)

    async def receive(self) -> Any:
        if self._temprano and self.handshake_complete:
            temprano, self._temprano = self._temprano, b""
            self.transport.resume_reading()
            super().data_received(temprano)
        return await super().receive()

    def shutdown(self) -> None:
        """A quien aún saluda, 503 y no el 500 de uvicorn: un proxy lo intenta en otro proceso."""
        if self.initial_response or self.handshake_complete:
            super().shutdown()
            return
        respuesta = self.conn.reject(DETENIENDOSE.estado, DETENIENDOSE.cuerpo)
        respuesta.headers["Retry-After"] = str(DETENIENDOSE.reintentar_en)
        self.conn.send_response(respuesta)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def _ceder(self) -> WebSocketDirecto:
        """Desde ahora todo lo de esta conexión va y viene por lo que devuelve."""
        self.stop_keepalive()
        self.connections.discard(self)
        extensiones = self.conn.extensions
        ventana = next(
            (e.local_max_window_bits for e in extensiones if isinstance(e, PerMessageDeflate)), 0
        )
        lector = LectorDeTramas(self.config.ws_max_size, list(extensiones) or None)
        transporte = self.transport
        ws = WebSocketDirecto(transporte, lector, self.connections, ventana, self._temprano)
        transporte.set_protocol(ws)
        # Lo del saludo no dura lo que la conexión, ni espera al recolector de ciclos.
        del self.scope["extensions"][CEDER]
        self.transport = _Cedido(ws)  # type: ignore[assignment]
        self.conn.parser.close()
        return ws
