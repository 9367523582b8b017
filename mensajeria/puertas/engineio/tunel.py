"""Túneles entre procesos: una petición que llegó a uno y es de la sesión de otro.

Van por la capa de canales, que puede perder lo que lleva: cada dato va numerado en su sentido, y un
hueco rompe el túnel. Nunca se entrega de menos en silencio: quien lo usa termina la sesión y el
cliente vuelve a conectar.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.difusion import grupos
from mensajeria.entre_procesos import proceso
from mensajeria.entre_procesos.arriendos import LATIDO
from mensajeria.entre_procesos.compartido import compartido

registro = logging.getLogger("mensajeria.puertas")

TIPO = "tunel.dato"
# Lo que se espera a que el otro extremo dé señales, en segundos.
PLAZO = 5.0
# Lo que un extremo guarda sin que nadie lo lea, en bytes.
MAX_PENDIENTE = 1_000_000

Dato = dict[str, Any]


class TunelRoto(Exception):
    """Se perdió algo, o el otro extremo ya no está."""


class Tunel:
    """Un extremo. `otro` es el proceso del otro lado."""

    def __init__(self, tuneles: Tuneles, id_: str, otro: str) -> None:
        self.id = id_
        self.otro = otro
        self._tuneles = tuneles
        self._enviados = 0
        self._recibidos = 0
        self._cola: asyncio.Queue[Dato | None] = asyncio.Queue()
        self._pendiente = 0
        self._roto = False

    async def enviar(self, dato: Dato, *, abre: bool = False) -> None:
        if self._roto:
            raise TunelRoto
        numero, self._enviados = self._enviados, self._enviados + 1
        mensaje = {
            "type": TIPO,
            "tunel": self.id,
            "de": proceso.este(),
            "numero": numero,
            "abre": abre,
            "dato": dato,
        }
        try:
            async with asyncio.timeout(PLAZO):
                await get_channel_layer().group_send(grupos.de_proceso(self.otro), mensaje)
        except Exception:
            self.romper()
            raise TunelRoto from None

    async def recibir(self, plazo: float | None = None) -> Dato:
        """El siguiente dato; `TunelRoto` si no lo habrá, o si pasa el plazo."""
        try:
            async with asyncio.timeout(plazo):
                dato = await self._cola.get()
        except TimeoutError:
            dato = None
        if dato is None:
            self.romper()
            raise TunelRoto
        self._pendiente -= _peso(dato)
        return dato

    def llega(self, numero: int, dato: Dato) -> None:
        self._pendiente += _peso(dato)
        if numero != self._recibidos or self._pendiente > MAX_PENDIENTE:
            self.romper()
            return
        self._recibidos += 1
        self._cola.put_nowait(dato)

    def romper(self) -> None:
        """Quien espere recibir deja de esperar; nada más sale ni entra."""
        if not self._roto:
            self._roto = True
            self._cola.put_nowait(None)
            self._tuneles.olvidar(self)


def _peso(dato: Dato) -> int:
    return sum(len(v) for v in dato.values() if isinstance(v, str | bytes))


class Tuneles:
    """Los de este proceso. `atender` lleva el otro extremo de los que abren los demás."""

    def __init__(self, atender: Callable[[Tunel, Dato], Awaitable[None]]) -> None:
        self._atender = atender
        self._vivos: dict[str, Tunel] = {}
        self._tareas: set[asyncio.Task[None]] = set()
        self._escucha: asyncio.Task[None] | None = None
        # Se intentó una vez: con Redis caído no espera cada petición.
        self._intentado = asyncio.Event()

    async def listos(self) -> None:
        """Vuelve cuando los demás procesos pueden llegar a este (o si Redis no responde)."""
        if not settings.REDIS_URL:
            return
        if self._escucha is None:
            self._escucha = asyncio.create_task(self._escuchar())
            self._lanzar(self._vigilar())
        await self._intentado.wait()

    async def abrir(self, otro: str, dato: Dato) -> Tunel:
        """Un túnel hacia la sesión que sostiene `otro`. `TunelRoto` si no se puede."""
        await self.listos()
        tunel = Tunel(self, secrets.token_hex(8), otro)
        self._vivos[tunel.id] = tunel
        await tunel.enviar(dato, abre=True)
        return tunel

    def olvidar(self, tunel: Tunel) -> None:
        self._vivos.pop(tunel.id, None)

    def _lanzar(self, trabajo: Any) -> None:
        tarea = asyncio.create_task(trabajo)
        self._tareas.add(tarea)
        tarea.add_done_callback(self._tareas.discard)

    async def _escuchar(self) -> None:
        capa = get_channel_layer()
        while True:
            try:
                canal = await capa.new_channel()
                await capa.group_add(grupos.de_proceso(proceso.este()), canal)
                self._intentado.set()
                while True:
                    self._recibir(await capa.receive(canal))
            except Exception as error:
                registro.warning("La capa de canales no responde: %s", type(error).__name__)
                self._intentado.set()
                await asyncio.sleep(0.5)

    def _recibir(self, mensaje: dict[str, Any]) -> None:
        tunel = self._vivos.get(mensaje["tunel"])
        if tunel is None and mensaje["abre"]:
            tunel = Tunel(self, mensaje["tunel"], mensaje["de"])
            self._vivos[tunel.id] = tunel
            tunel.llega(mensaje["numero"], {})
            self._lanzar(self._acompanar(tunel, mensaje["dato"]))
        elif tunel is not None:
            tunel.llega(mensaje["numero"], mensaje["dato"])

    async def _acompanar(self, tunel: Tunel, dato: Dato) -> None:
        try:
            await tunel.recibir()
            await self._atender(tunel, dato)
        except TunelRoto:
            pass
        except Exception:
            registro.exception("Falló un túnel")
        finally:
            tunel.romper()

    async def _vigilar(self) -> None:
        """Un proceso muerto de golpe no avisa: lo dice su arriendo."""
        while True:
            await asyncio.sleep(LATIDO)
            otros = {t.otro for t in self._vivos.values()}
            if not otros:
                continue
            try:
                vivos = await en_hilo_de_lectura(compartido().vivos, otros)
            except Exception:
                continue
            for tunel in [t for t in self._vivos.values() if t.otro not in vivos]:
                tunel.romper()
