"""Los grupos de la capa de canales que este proceso escucha."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable

from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria.difusion import grupos
from mensajeria.difusion.sobre import Sobre, desempaquetar
from mensajeria.entre_procesos import proceso

registro = logging.getLogger("mensajeria.central")

_PACIENCIA = 2.0
# Tras un fallo, este rato no se prueba: quienes esperan no pagan uno tras otro la paciencia.
_DESCANSO = 2.0

Contestar = Callable[[dict[str, str]], Coroutine[None, None, None]]


class Suscripciones:
    """Sin Redis hay un solo proceso y no hay nada que escuchar.

    Lo que falta y lo que sobra se igualan bajo un cerrojo, todo lo que haya de una vez: un alta y
    una baja seguidas del mismo grupo no se adelantan. El descanso del enlace no sirve aquí: la capa
    tiene sus propias conexiones, que pueden no responder con el enlace sano, y su fallo no ha de
    callar a lo demás.
    """

    def __init__(self) -> None:
        self._escuchados: set[str] = set()
        self._faltan: set[str] = {grupos.TODOS}
        self._sobran: set[str] = set()
        self._cerrojo = asyncio.Lock()
        self._callada_hasta = 0.0
        self._canal = ""
        self._tarea: asyncio.Task[None] | None = None
        self._luego: asyncio.Task[None] | None = None
        # Solo para que duren hasta que acaben.
        self._contestando: set[asyncio.Task[None]] = set()
        self._capa = get_channel_layer()

    def arrancar(self, repartir: Callable[[list[Sobre]], None], contestar: Contestar) -> None:
        """Desde ahora, lo que llegue de otros procesos se reparte, y a lo que pregunten se
        contesta.
        """
        if settings.REDIS_URL:
            self._tarea = asyncio.create_task(self._recibir(repartir, contestar))

    async def escuchar(self, conversaciones: Iterable[str], usuario: str | None = None) -> None:
        """Vuelve cuando se escuchan; si Redis no responde, vuelve igual y la vigilancia repone."""
        if not settings.REDIS_URL:
            return
        for conversacion in conversaciones:
            self._querer(grupos.de_conversacion(conversacion))
        if usuario is not None:
            self._querer(grupos.de_usuario(usuario))
        await self.igualar()

    def escuchar_luego(self, conversacion: str) -> None:
        if settings.REDIS_URL:
            self._querer(grupos.de_conversacion(conversacion))
            self._igualar_luego()

    def dejar_conversacion(self, conversacion: str) -> None:
        if settings.REDIS_URL:
            self._dejar(grupos.de_conversacion(conversacion))

    def dejar_usuario(self, usuario: str) -> None:
        if settings.REDIS_URL:
            self._dejar(grupos.de_usuario(usuario))

    def _querer(self, grupo: str) -> None:
        self._sobran.discard(grupo)
        if grupo not in self._escuchados:
            self._faltan.add(grupo)

    def _dejar(self, grupo: str) -> None:
        self._faltan.discard(grupo)
        if grupo in self._escuchados:
            self._sobran.add(grupo)
        self._igualar_luego()

    def _igualar_luego(self) -> None:
        if self._luego is None or self._luego.done():
            self._luego = asyncio.create_task(self.igualar())

    async def igualar(self) -> None:
        """Da de alta y de baja hasta que no falte ni sobre nada, que puede cambiar entre medias."""
        if not settings.REDIS_URL or not (self._faltan or self._sobran):
            return
        async with self._cerrojo:
            if time.monotonic() < self._callada_hasta:
                return
            try:
                async with asyncio.timeout(_PACIENCIA):
                    while self._faltan or self._sobran:
                        await self._una_pasada()
            except Exception as error:
                self._callada_hasta = time.monotonic() + _DESCANSO
                registro.warning("La capa de canales no responde: %s", type(error).__name__)

    async def _una_pasada(self) -> None:
        if not self._canal:
            self._canal = await self._capa.new_channel()
        if altas := set(self._faltan):
            await self._capa.escuchar(altas, self._canal)
            self._escuchados |= altas
            # Los que mientras tanto ya nadie quería.
            self._sobran |= altas - self._faltan
            self._faltan -= altas
        if bajas := set(self._sobran):
            await self._capa.dejar(bajas)
            self._escuchados -= bajas
            self._faltan |= bajas - self._sobran
            self._sobran -= bajas

    async def _recibir(self, repartir: Callable[[list[Sobre]], None], contestar: Contestar) -> None:
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
                    if pregunta := aviso.get("censo"):
                        self._contestar(contestar(pregunta))
            except Exception:
                registro.exception("Se perdió un aviso de otro proceso")

    def _contestar(self, contestando: Coroutine[None, None, None]) -> None:
        tarea = asyncio.create_task(contestando)
        self._contestando.add(tarea)
        tarea.add_done_callback(self._contestando.discard)

    def cerrar(self) -> None:
        if self._tarea is not None:
            self._tarea.cancel()
