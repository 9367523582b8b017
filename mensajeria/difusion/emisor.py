"""Emitir después de confirmar: primero a las conexiones de este proceso, luego a los demás.

La capa de canales puede perder lo que lleva; es un aviso, y la base de datos la verdad. Por eso
nada espera a que un sobre llegue, y la cola de salida está acotada.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from mensajeria import metricas, rastro, trazas
from mensajeria.difusion import grupos
from mensajeria.difusion.sobre import Alcance, Sobre, empaquetar
from mensajeria.entre_procesos import proceso
from mensajeria.protocolo.empujes import NuevoMensaje
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.tipos import MAX_ENUMERADOS

registro = logging.getLogger("mensajeria.difusion")

MAX_COLA = 50_000
TIPO = "difusion.sobres"
SEGUNDOS_DE_ENVIO = 3.0
_NUEVO = NOMBRE_DE[NuevoMensaje]


class Emisor:
    """La salida de los eventos de este proceso.

    `arrancar` le da quien los reparte aquí; sin ello (una orden de consola) solo van a los demás.
    """

    def __init__(self) -> None:
        self._bucle: asyncio.AbstractEventLoop | None = None
        self._repartir: Callable[[list[Sobre]], None] | None = None
        self._publicador: Publicador | None = None

    def arrancar(self, repartir: Callable[[list[Sobre]], None]) -> None:
        """Desde el bucle de eventos en el que se reparte."""
        self._bucle = asyncio.get_running_loop()
        self._repartir = repartir
        self._publicador = Publicador(proceso.este()) if settings.REDIS_URL else None

    def emitir(self, sobres: list[Sobre]) -> None:
        """Emite desde cualquier hilo, ya confirmada la transacción. No espera y no falla."""
        if not sobres:
            return
        _fechar(sobres)
        bucle = self._bucle
        if bucle is not None:
            # Cerrado, este proceso ya no atiende a nadie: quedan los demás.
            with contextlib.suppress(RuntimeError):
                bucle.call_soon_threadsafe(self._propios, sobres)
                return
        if settings.REDIS_URL:
            try:
                async_to_sync(publicar)(sobres, "")
            except Exception:
                registro.warning("Los avisos no salieron; los clientes se pondrán al día solos")

    def emitir_ya(self, sobres: list[Sobre]) -> None:
        """Lo mismo, desde el bucle en el que se reparte: al volver, aquí ya está repartido."""
        _fechar(sobres)
        self._propios(sobres)

    def _propios(self, sobres: list[Sobre]) -> None:
        if self._repartir is not None:
            self._repartir(sobres)
        if self._publicador is not None:
            self._publicador.encolar(sobres)

    @property
    def por_publicar(self) -> int:
        """Los sobres que esperan a salir hacia los demás procesos."""
        return 0 if self._publicador is None else len(self._publicador.cola)

    async def detener(self) -> None:
        """Espera a que salga lo ya emitido, y no emite más desde aquí."""
        # Lo último que se anunció llega al bucle en su próxima vuelta.
        await asyncio.sleep(0)
        try:
            if self._publicador is not None:
                await self._publicador.terminar()
                self._publicador.cerrar()
        finally:
            self._bucle = self._repartir = self._publicador = None


def _fechar(sobres: list[Sobre]) -> None:
    ahora = time.time()
    for sobre in sobres:
        sobre.emitido = ahora


def _grupos_de(sobre: Sobre) -> Iterable[str]:
    if sobre.alcance is Alcance.USUARIOS:
        return map(grupos.de_usuario, sobre.usuarios)
    # Quien entra a cien conversaciones lo dice en una publicación, y no en cien.
    if sobre.alcance is Alcance.VECINOS or sobre.conversaciones:
        return (grupos.TODOS,)
    if len(sobre.miembros) > MAX_ENUMERADOS:
        # Una publicación, y no cientos con lo mismo dentro.
        return (grupos.TODOS,)
    # Quien entra o sale puede estar en un proceso que aún no escucha la conversación.
    return (
        grupos.de_conversacion(sobre.conversacion),
        *map(grupos.de_usuario, sobre.miembros),
    )


async def publicar(sobres: Iterable[Sobre], origen: str) -> None:
    """Un mensaje por grupo con sus sobres; `origen` es el proceso que ya los repartió."""
    por_grupo: defaultdict[str, list[Sobre]] = defaultdict(list)
    for sobre in sobres:
        for grupo in _grupos_de(sobre):
            por_grupo[grupo].append(sobre)
    await get_channel_layer().enviar(
        {
            grupo: {"type": TIPO, "origen": origen, "sobres": empaquetar(suyos)}
            for grupo, suyos in por_grupo.items()
        }
    )


class Publicador:
    """La cola de salida hacia los demás procesos; una tarea la vacía a tandas."""

    def __init__(self, origen: str) -> None:
        self._origen = origen
        self.cola: deque[Sobre] = deque(maxlen=MAX_COLA)
        self._hay = asyncio.Event()
        self._vacia = asyncio.Event()
        self._vacia.set()
        self._tarea = asyncio.create_task(self._vaciar())

    def encolar(self, sobres: list[Sobre]) -> None:
        """No bloquea. Llena, pierde lo más viejo: cada proceso lo leerá de la base."""
        self.cola.extend(sobres)
        self._vacia.clear()
        self._hay.set()

    async def _vaciar(self) -> None:
        while True:
            await self._hay.wait()
            self._hay.clear()
            tanda = list(self.cola)
            self.cola.clear()
            try:
                async with asyncio.timeout(SEGUNDOS_DE_ENVIO):
                    await publicar(tanda, self._origen)
            except Exception as error:
                metricas.PUBLICACIONES_FALLIDAS.inc()
                tanda = []
                registro.warning("La capa de canales no responde: %s", type(error).__name__)
            if rastro.encendido:
                for sobre in (s for s in tanda if s.cambio):
                    rastro.anotar(
                        "publicado",
                        evento=sobre.evento,
                        conversacion=sobre.conversacion,
                        cambio=sobre.cambio,
                    )
            if trazas.encendidas:
                for sobre in (s for s in tanda if s.evento == _NUEVO):
                    trazas.tramo("publicado", sobre.conversacion, sobre.cambio, sobre.emitido)
            if not self.cola:
                self._vacia.set()

    async def terminar(self) -> None:
        """Espera a que salga lo encolado, lo justo: detenerse no depende de Redis."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEGUNDOS_DE_ENVIO):
                await self._vacia.wait()

    def cerrar(self) -> None:
        self._tarea.cancel()
