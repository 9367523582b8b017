"""Qué aplicación atiende cada camino y protocolo."""

from __future__ import annotations

from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from mensajeria.consumers.cliente_socketio import PUERTA
from mensajeria.consumers.nativo import ConsumidorNativo


async def _sin_puerta(_scope: Any, receive: Any, send: Any) -> None:
    """Un WebSocket en un camino que no es de nadie."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def construir(http: Any) -> ProtocolTypeRouter:
    """La aplicación ASGI entera, con la de Django (`http`) detrás."""
    # Node atiende todo lo que empiece por su camino; el archivo del cliente lo sirve Django.
    socketio = re_path(r"^socket\.io/(?!socket\.io\.js$)", PUERTA)  # type: ignore[arg-type]
    nativo = path("ws/mensajeria/", ConsumidorNativo.as_asgi())
    sin_puerta = re_path(r"", _sin_puerta)  # type: ignore[arg-type]
    return ProtocolTypeRouter(
        {
            "http": URLRouter([socketio, re_path(r"", http)]),
            "websocket": URLRouter([nativo, socketio, sin_puerta]),
        }
    )
