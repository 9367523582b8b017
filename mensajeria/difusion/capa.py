"""La capa de canales sobre Redis, con lo que va a muchos grupos en un solo viaje."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.exceptions import ConnectionError as SinConexion

from mensajeria import metricas
from mensajeria.entre_procesos import espacio

registro = logging.getLogger("channels_redis.pubsub")

_SEGUNDOS_TRAS_FALLO = 1.0


class ConexionDeCapa(RedisSingleShardConnection):  # type: ignore[misc]
    """Por donde va todo lo de un bucle; lo de un solo grupo es lo de varios, con uno."""

    _redis: Any
    _pubsub: Any
    _receive_task: asyncio.Task[None] | None
    _subscribed_to: set[str]

    @property
    def responde(self) -> bool:
        """Si está conectada; la de Redis no lo sabe, que lo dice el enlace."""
        return True

    async def publicar(self, mensajes: Mapping[str, bytes]) -> None:
        """Vuelve cuando el servidor los tiene; lanza lo que sea si no."""
        raise NotImplementedError

    async def suscribir(self, nombres: Collection[str]) -> None:
        raise NotImplementedError

    async def desuscribir(self, nombres: Collection[str]) -> None:
        raise NotImplementedError

    async def publish(self, channel: str, message: bytes) -> None:
        await self.publicar({channel: message})

    async def subscribe(self, channel: str) -> None:
        await self.suscribir([channel])

    async def unsubscribe(self, channel: str) -> None:
        await self.desuscribir([channel])


class ConexionRedis(ConexionDeCapa):
    """La conexión con Redis, que se lleva de una vez todo lo que haya llegado.

    La de la biblioteca pone un plazo a cada mensaje, y a cada confirmación de un alta: cincuenta
    microsegundos o más por cada uno.
    """

    async def suscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._ensure_redis()
            self._ensure_receiver()
            await self._pubsub.subscribe(*nombres)
            self._subscribed_to.update(nombres)

    async def desuscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._ensure_redis()
            await self._pubsub.unsubscribe(*nombres)
            self._subscribed_to.difference_update(nombres)

    async def publicar(self, mensajes: Mapping[str, bytes]) -> None:
        async with self._lock:
            self._ensure_redis()
            async with self._redis.pipeline(transaction=False) as tubo:
                for nombre, datos in mensajes.items():
                    tubo.publish(nombre, datos)
                await tubo.execute()

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

    Aquí todos los grupos van por la misma `conexion`. Mientras dura una llamada, nadie más da de
    alta o de baja.
    """

    conexion: ClassVar[type[ConexionDeCapa]] = ConexionRedis

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
            capa._shards = [self.conexion(otra.host, capa) for otra in capa._shards]
        return self._layers[bucle]

    @property
    def responde(self) -> bool:
        """Falso desde que se ve cortada, y hasta que se usa por primera vez."""
        capas = list(self._layers.values())
        return bool(capas) and all(c.responde for capa in capas for c in capa._shards)

    async def escuchar(self, grupos: Collection[str], canal: str) -> None:
        """`canal` recibe desde ahora lo de esos grupos."""
        capa = self._get_layer()
        nombres = [capa._get_group_channel_name(g) for g in grupos]
        for nombre in nombres:
            capa.groups.setdefault(nombre, set()).add(canal)
        await capa._shards[0].suscribir(nombres)

    async def dejar(self, grupos: Collection[str]) -> None:
        """Nadie de este proceso escucha ya esos grupos."""
        capa = self._get_layer()
        nombres = [capa._get_group_channel_name(g) for g in grupos]
        for nombre in nombres:
            capa.groups.pop(nombre, None)
        await capa._shards[0].desuscribir(nombres)

    async def enviar(self, mensajes: Mapping[str, Any]) -> None:
        """Un mensaje a cada grupo."""
        capa = self._get_layer()
        await capa._shards[0].publicar(
            {capa._get_group_channel_name(g): self.serialize(m) for g, m in mensajes.items()}
        )
