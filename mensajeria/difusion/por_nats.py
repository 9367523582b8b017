"""La capa de canales sobre NATS (`CAPA_URL=nats://…`), para quien se queda corto con un Redis."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nats.aio.client import PING_PROTO, Client
from nats.errors import ConnectionClosedError, MaxPayloadError

from mensajeria.difusion.capa import CapaDeCanales, ConexionDeCapa

registro = logging.getLogger("mensajeria.difusion")

_PACIENCIA = 2
_SEGUNDOS_ENTRE_INTENTOS = 0.5
# Dos sin respuesta, y se da por muerto al servidor.
_LATIDO = 2


class _Cliente(Client):
    """El de la biblioteca pone una cola por suscripción: pesan, y entre dos grupos se perdería el
    orden. Aquí no sabe de ellas: se piden con `mandar`, y lo que llega va a `llega`.
    """

    def __init__(self, llega: Callable[[int, bytes], None]) -> None:
        super().__init__()
        self._llega = llega

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        self._llega(sid, data)

    async def mandar(self, *ordenes: bytes) -> None:
        await self._send_command(b"".join(ordenes))
        await self._flush_pending()

    async def _send_ping(self, future: asyncio.Future[Any] | None = None) -> None:
        """En su orden: el de la biblioteca sale por delante de lo que aún no se ha escrito."""
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self.mandar(PING_PROTO)

    async def ida_y_vuelta(self) -> None:
        """Vuelve cuando el servidor ha leído lo anterior.

        El `flush` de la biblioteca, si se cancela o vence, la deja sorda al llegar su respuesta.
        """
        respuesta: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(_PACIENCIA):
            await self._send_ping(respuesta)
            await asyncio.shield(respuesta)


class ConexionNats(ConexionDeCapa):
    """Una conexión por bucle. `host` es `{"servidores": [url, …]}`.

    Cortada, se sigue desde cero: lo que la biblioteca guardaría para cuando vuelva ya no es verdad.
    Mientras, lo que se le pide falla enseguida.
    """

    def __init__(self, host: dict[str, Any], capa: Any) -> None:
        super().__init__(host, capa)
        self._nats: _Cliente | None = None
        # Lo pedido en esta conexión, con el número que lleva lo que llegue.
        self._numeros: dict[str, int] = {}
        self._nombres: dict[int, str] = {}
        self._cuenta = itertools.count(1)
        self._queja = ""

    @property
    def responde(self) -> bool:
        return self._nats is not None and self._nats.is_connected

    async def publicar(self, mensajes: Mapping[str, bytes]) -> None:
        async with self._lock:
            nats = await self._conectada()
            for nombre, datos in mensajes.items():
                try:
                    await nats.publish(_tema(nombre), datos)
                except MaxPayloadError:
                    registro.warning("NATS no admite %d bytes (max_payload)", len(datos))
            await nats.ida_y_vuelta()

    async def suscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._subscribed_to.update(nombres)
            await self._pedir(await self._conectada())

    async def desuscribir(self, nombres: Collection[str]) -> None:
        async with self._lock:
            self._subscribed_to.difference_update(nombres)
            sobran = [n for nombre in nombres if (n := self._numeros.pop(nombre, None))]
            for numero in sobran:
                del self._nombres[numero]
            if sobran:
                await (await self._conectada()).mandar(*(b"UNSUB %d\r\n" % n for n in sobran))

    async def flush(self) -> None:
        async with self._lock:
            if self._receive_task is not None:
                self._receive_task.cancel()
                await asyncio.gather(self._receive_task, return_exceptions=True)
                self._receive_task = None
            self._subscribed_to = set()
            if self._nats is not None:
                await self._nats.close()
                self._nats = None

    async def _conectada(self) -> _Cliente:
        """La primera vez conecta, y espera a ello; luego la sostiene `_sostener`."""
        if self._nats is None:
            self._nats = await self._conectar()
            self._numeros, self._nombres = {}, {}
            self._receive_task = asyncio.create_task(self._sostener())
        if self._nats.is_closed:
            raise ConnectionClosedError
        return self._nats

    async def _conectar(self) -> _Cliente:
        nats = _Cliente(self._llega)
        try:
            async with asyncio.timeout(_PACIENCIA):
                await nats.connect(
                    self.host["servidores"],
                    name="servitech",
                    error_cb=self._se_queja,
                    allow_reconnect=False,
                    # Las que prueba cada servidor antes de darse por vencida.
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=_PACIENCIA,
                    ping_interval=_LATIDO,
                    pending_size=0,
                )
        except BaseException:
            await nats.close()
            raise
        return nats

    async def _pedir(self, nats: _Cliente) -> None:
        """Lo que falte, y espera a que el servidor lo sepa."""
        faltan = {n: next(self._cuenta) for n in self._subscribed_to - self._numeros.keys()}
        self._numeros |= faltan
        self._nombres |= {numero: nombre for nombre, numero in faltan.items()}
        await nats.mandar(*(b"SUB %b %d\r\n" % (_tema(n).encode(), k) for n, k in faltan.items()))
        await nats.ida_y_vuelta()

    async def _sostener(self) -> None:
        while True:
            await asyncio.sleep(_SEGUNDOS_ENTRE_INTENTOS)
            if self._nats is not None and self._nats.is_closed:
                # Lo que falló ya lo dijo `_se_queja`.
                with contextlib.suppress(Exception):
                    nats = await self._conectar()
                    async with self._lock:
                        self._nats, self._numeros, self._nombres = nats, {}, {}
                        await self._pedir(nats)
                    self._queja = ""
                    registro.info("NATS: conectado otra vez")

    def _llega(self, sid: int, datos: bytes) -> None:
        if nombre := self._nombres.get(sid):
            self._receive_message({"channel": nombre, "data": datos})

    async def _se_queja(self, error: Exception) -> None:
        queja = f"{type(error).__name__} {error}".strip()
        if queja != self._queja:
            registro.warning("NATS: %s", queja)
        self._queja = queja


def _tema(nombre: str) -> str:
    """El de ese grupo: `servitech.` y lo demás en una pieza, que un id puede llevar dos puntos."""
    raiz, punto, resto = nombre.partition(".")
    return raiz + punto + resto.replace(".", "/")


class CapaPorNats(CapaDeCanales):
    """La misma, con NATS por debajo."""

    conexion = ConexionNats
