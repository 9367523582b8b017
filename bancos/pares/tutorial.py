"""El chat del tutorial de Channels (tercera parte) en daphne, con lo que él pone.

Con REDIS_URL usa la capa de Redis del tutorial; sin ella, la de memoria.
"""

from __future__ import annotations

import json
import os
from typing import Any

import django
from django.conf import settings

_REDIS = os.environ.get("REDIS_URL")
_CAPA: dict[str, Any] = (
    {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_REDIS]}}
    if _REDIS
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
)
settings.configure(
    SECRET_KEY=os.environ["JWT_SECRET"],
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "channels",
    ],
    CHANNEL_LAYERS={"default": _CAPA},
    DATABASES={},
)
django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.urls import re_path  # noqa: E402


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code: int) -> None:
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data: str) -> None:
        message = json.loads(text_data)["message"]
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "chat.message", "message": message}
        )

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"message": event["message"]}))


_rutas = [re_path(r"ws/chat/(?P<room_name>[\w-]+)/$", ChatConsumer.as_asgi())]
aplicacion = ProtocolTypeRouter(
    {"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(_rutas)))}
)
Server(
    aplicacion,
    endpoints=[f"tcp:port={os.environ['PUERTO']}:interface=127.0.0.1"],
    signal_handlers=True,
).run()
