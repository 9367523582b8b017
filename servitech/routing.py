"""Qué aplicación atiende cada camino y protocolo."""

from __future__ import annotations

from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from mensajeria.consumers.nativo import ConsumidorNativo


async def _sin_puerta(_scope: Any, receive: Any, send: Any) -> None:
    """Un WebSocket en un camino que no es de nadie."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def construir(http: Any) -> ProtocolTypeRouter:
    """La aplicación ASGI entera, con la de Django (`http`) detrás."""
    sockets = [path("ws/mensajeria/", ConsumidorNativo.as_asgi()), path("<path:_>", _sin_puerta)]  # type: ignore[arg-type]
    return ProtocolTypeRouter({"http": http, "websocket": URLRouter(sockets)})
