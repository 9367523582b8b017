"""La capa de canales sobre Redis, con lo que va a muchos grupos en un solo viaje."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.exceptions import ConnectionError as SinConexion

from mensajeria import metricas
from mensajeria.entre_procesos import espacio

registro = logging.getLogger("channels_redis.pubsub")

_SEGUNDOS_TRAS_FALLO = 1.0


class _Conexion(RedisSingleShardConnection):  # type: ignore[misc]
    """La conexión con Redis, que se lleva de una vez todo lo que haya llegado.

    La de la biblioteca pone un plazo a cada mensaje, y a cada confirmación de un alta: cincuenta
    microsegundos o más por cada uno.
    """

    async def _do_receiving(self) -> None:
        while True:
            try:
                if self._pubsub is None or not self._pubsub.subscribed:
                    await asyncio.sleep(0.1)
                    continue
                # Conecta otra vez, si hace falta, y toma lo que ya estuviera leído.
                mensaje = await self._pubsub.get_message(ignore_subscribe_messages=True)
                self._receive_message(mensaje)
                await self._leer_mientras_dure()
            except (asyncio.CancelledError, GeneratorExit):
                raise
            except Exception:
                registro.exception("No se puede leer de la capa de canales")
                await asyncio.sleep(_SEGUNDOS_TRAS_FALLO)

    async def _leer_mientras_dure(self) -> None:
        conexion = self._pubsub.connection
        lector, flujo = conexion._parser, conexion._parser._stream
        try:
            while True:
                while (respuesta := lector._reader.gets(False)) is not NOT_ENOUGH_DATA:
                    await self._atender(respuesta)
                await lector.read_from_socket()
        except SinConexion:
            # Quien da de alta pudo conectar otra vez entre tanto: esa no se toca.
            if lector._stream is flujo:
                await conexion.disconnect(nowait=True)

    async def _atender(self, respuesta: Any) -> None:
        if isinstance(respuesta, Exception):
            raise respuesta
        if respuesta[0] == b"message":
            self._receive_message({"channel": respuesta[1], "data": respuesta[2]})
        elif respuesta[0] != b"subscribe":
            await self._pubsub.handle_message(respuesta, ignore_subscribe_messages=True)


class CapaDeCanales(RedisPubSubChannelLayer):  # type: ignore[misc]
    """La de `channels_redis` da de alta, da de baja y envía de grupo en grupo, esperando a Redis en
    cada uno: quien entra a cien conversaciones serían trescientos viajes.

    Aquí hay un solo Redis, así que todos los grupos van por la misma conexión. Mientras dura una
    llamada, nadie más da de alta o de baja.
    """

    def serialize(self, message: Any) -> bytes:
        return espacio.firmar(super().serialize(message))

    def deserialize(self, message: bytes) -> Any:
        return super().deserialize(espacio.comprobar(message))

    async def receive(self, canal: str) -> Any:
        """Lo siguiente que llegue de este sistema; lo de otro se tira y se cuenta."""
        capa = self._get_layer()
        while True:
            try:
                return await capa.receive(canal)
            except espacio.Ajeno:
                metricas.AJENOS.inc()

    def _get_layer(self) -> Any:
        bucle = asyncio.get_running_loop()
        if bucle not in self._layers:
            capa = super()._get_layer()
            capa.prefix = espacio.dentro_de(capa.prefix, ".")
            capa._shards = [_Conexion(otra.host, capa) for otra in capa._shards]
        return self._layers[bucle]

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
