"""Los grupos de la capa de canales que este proceso escucha."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria.difusion import grupos
from mensajeria.difusion.sobre import Sobre, desempaquetar
from mensajeria.entre_procesos import proceso

registro = logging.getLogger("mensajeria.central")

_PACIENCIA = 2.0
# Tras un fallo, este rato no se prueba: quienes esperan no pagan uno tras otro la paciencia.
_DESCANSO = 2.0


class Suscripciones:
    """Sin Redis hay un solo proceso y no hay nada que escuchar.

    Lo deseado y lo real se igualan bajo un cerrojo: un alta y una baja seguidas del mismo grupo no
    se adelantan. El descanso del enlace no sirve aquí: la capa tiene sus propias conexiones, que
    pueden no responder con el enlace sano, y su fallo no ha de callar a lo demás.
    """

    def __init__(self) -> None:
        self._deseados: set[str] = {grupos.TODOS}
        self._reales: set[str] = set()
        self._cerrojo = asyncio.Lock()
        self._callada_hasta = 0.0
        self._canal = ""
        self._tarea: asyncio.Task[None] | None = None
        self._sueltas: set[asyncio.Task[None]] = set()
        self._capa = get_channel_layer()

    def arrancar(self, repartir: Callable[[list[Sobre]], None]) -> None:
        """Desde ahora, lo que llegue de otros procesos se reparte."""
        if settings.REDIS_URL:
            self._tarea = asyncio.create_task(self._recibir(repartir))

    async def escuchar(self, conversaciones: Iterable[str], usuario: str | None = None) -> None:
        """Vuelve cuando se escuchan; si Redis no responde, vuelve igual y la vigilancia repone."""
        self._deseados.update(map(grupos.de_conversacion, conversaciones))
        if usuario is not None:
            self._deseados.add(grupos.de_usuario(usuario))
        await self.igualar()

    def escuchar_luego(self, conversacion: str) -> None:
        self._deseados.add(grupos.de_conversacion(conversacion))
        self._igualar_luego()

    def dejar_conversacion(self, conversacion: str) -> None:
        self._deseados.discard(grupos.de_conversacion(conversacion))
        self._igualar_luego()

    def dejar_usuario(self, usuario: str) -> None:
        self._deseados.discard(grupos.de_usuario(usuario))
        self._igualar_luego()

    def _igualar_luego(self) -> None:
        if settings.REDIS_URL:
            tarea = asyncio.create_task(self.igualar())
            self._sueltas.add(tarea)
            tarea.add_done_callback(self._sueltas.discard)

    async def igualar(self) -> None:
        """Da de alta y de baja hasta que lo real sea lo deseado, que puede cambiar entre medias."""
        if not settings.REDIS_URL:
            return
        async with self._cerrojo:
            if time.monotonic() < self._callada_hasta:
                return
            try:
                async with asyncio.timeout(_PACIENCIA):
                    while self._deseados != self._reales:
                        await self._una_pasada()
            except Exception as error:
                self._callada_hasta = time.monotonic() + _DESCANSO
                registro.warning("La capa de canales no responde: %s", type(error).__name__)

    async def _una_pasada(self) -> None:
        if not self._canal:
            self._canal = await self._capa.new_channel()
        faltan, sobran = self._deseados - self._reales, self._reales - self._deseados
        await asyncio.gather(*(self._capa.group_add(g, self._canal) for g in faltan))
        self._reales |= faltan
        await asyncio.gather(*(self._capa.group_discard(g, self._canal) for g in sobran))
        self._reales -= sobran

    async def _recibir(self, repartir: Callable[[list[Sobre]], None]) -> None:
        await self.igualar()
        while True:
            if not self._canal:
                await asyncio.sleep(0.5)
                await self.igualar()
                continue
            try:
                aviso = await self._capa.receive(self._canal)
                if aviso["origen"] != proceso.este():
                    repartir(desempaquetar(aviso["sobres"]))
            except Exception:
                registro.exception("Se perdió un aviso de otro proceso")

    def cerrar(self) -> None:
        if self._tarea is not None:
            self._tarea.cancel()
