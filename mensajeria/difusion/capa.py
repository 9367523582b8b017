"""La capa de canales sobre Redis, con lo que va a muchos grupos en un solo viaje."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer


class CapaDeCanales(RedisPubSubChannelLayer):  # type: ignore[misc]
    """La de `channels_redis` da de alta, da de baja y envía de grupo en grupo, esperando a Redis en
    cada uno: quien entra a cien conversaciones serían trescientos viajes.

    Aquí hay un solo Redis, así que todos los grupos van por la misma conexión. Mientras dura una
    llamada, nadie más da de alta o de baja.
    """

    async def escuchar(self, grupos: Collection[str], canal: str) -> None:
        """`canal` recibe desde ahora lo de esos grupos."""
        capa = self._get_layer()
        conexion, nombres = capa._shards[0], [capa._get_group_channel_name(g) for g in grupos]
        for nombre in nombres:
            capa.groups.setdefault(nombre, set()).add(canal)
        async with conexion._lock:
            conexion._ensure_redis()
            conexion._ensure_receiver()
            await conexion._pubsub.subscribe(*nombres)
            conexion._subscribed_to.update(nombres)

    async def dejar(self, grupos: Collection[str]) -> None:
        """Nadie de este proceso escucha ya esos grupos."""
        capa = self._get_layer()
        conexion, nombres = capa._shards[0], [capa._get_group_channel_name(g) for g in grupos]
        for nombre in nombres:
            capa.groups.pop(nombre, None)
        async with conexion._lock:
            conexion._ensure_redis()
            await conexion._pubsub.unsubscribe(*nombres)
            conexion._subscribed_to.difference_update(nombres)

    async def enviar(self, mensajes: Mapping[str, Any]) -> None:
        """Un mensaje a cada grupo."""
        capa = self._get_layer()
        conexion = capa._shards[0]
        async with conexion._lock:
            conexion._ensure_redis()
            async with conexion._redis.pipeline(transaction=False) as tubo:
                for grupo, mensaje in mensajes.items():
                    tubo.publish(capa._get_group_channel_name(grupo), self.serialize(mensaje))
                await tubo.execute()
