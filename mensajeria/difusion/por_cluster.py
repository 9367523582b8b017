"""La capa de canales sobre un Redis Cluster (`CAPA_URL=redis+cluster://…`), con pub/sub partido.

Cada grupo es de una parte: lo de una conversación pasa por un nodo, y no por todos.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping
from typing import Any

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.connection import parse_url
from redis.exceptions import ConnectionError as SinConexion

from mensajeria.difusion.capa import CapaDeCanales, ConexionDeCapa

registro = logging.getLogger("mensajeria.difusion")

_PACIENCIA = 2
_SEGUNDOS_ENTRE_INTENTOS = 0.5


class ConexionDeCluster(ConexionDeCapa):
    """`host` es `{"servidores": [url, …]}`: por cualquiera se sabe de los demás.

    Son dos clientes: cuando no puede publicar, la biblioteca cierra todo lo de ese.
    """

    def __init__(self, host: dict[str, Any], capa: Any) -> None:
        super().__init__(host, capa)
        self._oye: Any = None
        self._cortada = False
        self._lectores: dict[str, asyncio.Task[None]] = {}
        self._queja = ""

    @property
    def responde(self) -> bool:
        return self._oye is not None and not self._cortada

    async def publicar(self, mensajes: Mapping[str, bytes]) -> None:
        async with self._lock:
            if self._redis is None:
                self._redis = await self._conectar()
            tubo = self._redis.pipeline()
            for nombre, datos in mensajes.items():
                tubo.execute_command("SPUBLISH", nombre, datos)
            await tubo.execute()

    async def suscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._subscribed_to.update(nombres)
            if self._oye is None:
                self._oye = await self._conectar()
                self._pubsub = self._oye.pubsub()
            await self._pubsub.ssubscribe(*nombres)
            self._leer()
            self._ensure_receiver()

    async def desuscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._subscribed_to.difference_update(nombres)
            if self._pubsub is not None:
                await self._pubsub.sunsubscribe(*nombres)

    async def flush(self) -> None:
        async with self._lock:
            tareas = [t for t in (self._receive_task, *self._lectores.values()) if t is not None]
            for tarea in tareas:
                tarea.cancel()
            await asyncio.gather(*tareas, return_exceptions=True)
            if self._pubsub is not None:
                await self._pubsub.aclose()
            for cliente in (self._redis, self._oye):
                if cliente is not None:
                    await cliente.aclose()
            self._redis = self._oye = self._pubsub = self._receive_task = None
            self._lectores, self._subscribed_to = {}, set()

    async def _conectar(self) -> RedisCluster:
        opciones: list[dict[str, Any]] = [parse_url(url) for url in self.host["servidores"]]  # type: ignore[no-untyped-call]
        nodos = [ClusterNode(o.pop("host"), o.pop("port", 6379)) for o in opciones]
        opciones[0].pop("connection_class", None)
        tls = self.host["servidores"][0].startswith("rediss:")
        cliente = RedisCluster(
            startup_nodes=nodos,
            socket_timeout=_PACIENCIA,
            socket_connect_timeout=_PACIENCIA,
            ssl=tls,
            **opciones[0],
        )
        return await cliente.initialize()

    def _leer(self) -> None:
        """Un lector por cada nodo del que se escucha algo."""
        for nombre in self._pubsub.node_pubsub_mapping.keys() - self._lectores.keys():
            self._lectores[nombre] = asyncio.create_task(self._leer_de(nombre))

    async def _leer_de(self, nombre: str) -> None:
        pubsub = self._pubsub
        while (
            nodo := self._oye.get_node(node_name=nombre)
        ) and nombre in pubsub.node_pubsub_mapping:
            mensaje = await pubsub.get_sharded_message(timeout=None, target_node=nodo)
            if mensaje is None:
                continue
            if mensaje["type"] == "smessage":
                self._receive_message(mensaje)
            elif (
                mensaje["type"] == "sunsubscribe"
                and mensaje["channel"].decode() in self._subscribed_to
            ):
                raise SinConexion("un grupo ya no es de este nodo")

    async def _do_receiving(self) -> None:
        """Sostiene a los lectores: al que cae se le busca otra vez dónde está lo suyo."""
        while True:
            await asyncio.sleep(_SEGUNDOS_ENTRE_INTENTOS)
            caidos = {n: t for n, t in self._lectores.items() if t.done()}
            for nombre, tarea in caidos.items():
                del self._lectores[nombre]
                self._se_queja(tarea.exception())
            self._cortada = any(t.exception() for t in caidos.values())
            if caidos:
                with contextlib.suppress(Exception):
                    # Lo que ya no está donde estaba, la biblioteca lo pide donde esté.
                    await self._oye.nodes_manager.initialize()
            self._leer()

    def _se_queja(self, error: BaseException | None) -> None:
        queja = f"{type(error).__name__} {error}" if error else ""
        if queja and queja != self._queja:
            registro.warning("Redis Cluster: %s", queja)
        self._queja = queja


class CapaPorCluster(CapaDeCanales):
    """La misma, con un Redis Cluster por debajo."""

    conexion = ConexionDeCluster
