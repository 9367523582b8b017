"""El WebSocket de uvicorn, con lo que ASGI no ofrece: cortar en el acto y ver los latidos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from mensajeria.puertas.asgi import Scope

EXTENSION = "mensajeria.control"


def _nada() -> None:
    pass


class Control:
    """`ping_enviado` y `ping_contestado` se llaman en cuanto pasa lo que dicen."""

    __slots__ = ("abortar", "ping_contestado", "ping_enviado")

    def __init__(self, abortar: Callable[[], None]) -> None:
        self.abortar = abortar
        self.ping_enviado: Callable[[], None] = _nada
        self.ping_contestado: Callable[[], None] = _nada


def control_de(scope: Scope) -> Control | None:
    """El de esa conexión; `None` con otro servidor, que ni corta ni avisa de los latidos."""
    control: Control | None = scope.get("extensions", {}).get(EXTENSION)
    return control


class ProtocoloWS(WebSocketsSansIOProtocol):
    _control: Control | None = None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self._control = Control(self.transport.abort)
            self.scope["extensions"][EXTENSION] = self._control  # type: ignore[assignment]

    def send_keepalive_ping(self) -> None:
        if self._control is not None:
            self._control.ping_enviado()
        super().send_keepalive_ping()

    def handle_pong(self, event: Frame) -> None:
        antes = self.pending_ping_payload
        super().handle_pong(event)
        contestado = antes is not None and self.pending_ping_payload is None
        if contestado and self._control is not None:
            self._control.ping_contestado()

    def send_receive_event_to_app(self) -> None:
        # UTF-8 incorrecto cierra con 1007 (RFC 6455, 8.1); uvicorn además deja una traza.
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()
