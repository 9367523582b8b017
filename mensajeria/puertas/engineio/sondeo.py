"""El transporte por sondeo: lo que va espera a un GET, y lo que viene llega en un POST.

No conoce ASGI: devuelve una `Respuesta`. Lo mismo se contesta a quien llegó por otro proceso.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from mensajeria.puertas.asgi import Respuesta
from mensajeria.puertas.engineio.http import CuerpoExcesivo, CuerpoIncompleto, error
from mensajeria.puertas.engineio.paquetes import (
    CodigoEngineIO,
    ErrorPaquete,
    MotivoDeCierre,
    Transporte,
)
from mensajeria.puertas.engineio.sesion import SesionEngineIO

# text/html y no text/plain: algunos navegadores ofrecían descargar la respuesta.
RECIBIDO = Respuesta(200, "ok", b"text/html")


class Sondeo:
    """Contesta al GET que espera, si lo hay, y procesa los POST de uno en uno."""

    __slots__ = ("_espera", "_sesion")

    def __init__(self, sesion: SesionEngineIO) -> None:
        self._sesion = sesion
        self._espera: asyncio.Future[None] | None = None

    def despertar(self) -> None:
        if self._espera is not None and not self._espera.done():
            self._espera.set_result(None)

    def cerrar(self, codigo: int) -> None:
        self.despertar()

    def abortar(self) -> None:
        self.despertar()

    # Un POST espera a que la sesión esté lista.
    def pausar(self) -> None: ...
    def reanudar(self) -> None: ...

    async def sondear(self, desconexion: Callable[[], Awaitable[None]]) -> Respuesta:
        """Contesta a un GET cuando haya algo; `desconexion` vuelve si el cliente lo abandona."""
        sesion, maquina = self._sesion, self._sesion.maquina
        if not maquina.abrir_sondeo(sesion.ahora()):
            sesion.romper(MotivoDeCierre.ERROR_TRANSPORTE)
            return error(CodigoEngineIO.PETICION_INCORRECTA)
        vigilante: asyncio.Task[None] | None = None
        try:
            while (carga := maquina.tomar_carga(sesion.ahora())) is None:
                if vigilante is None:
                    vigilante = asyncio.ensure_future(self._vigilar(desconexion))
                    sesion.atender_salida()
                await self._esperar()
                if vigilante.done() or maquina.transporte is Transporte.WEBSOCKET:
                    return error(CodigoEngineIO.PETICION_INCORRECTA)
            return Respuesta(200, carga) if carga else error(CodigoEngineIO.SID_DESCONOCIDO)
        finally:
            if vigilante is not None:
                vigilante.cancel()
            maquina.cerrar_sondeo()
            sesion.atender_salida()

    async def _esperar(self) -> None:
        """Vuelve cuando haya, o pueda haber, algo que contestar."""
        self._espera = asyncio.get_running_loop().create_future()
        try:
            await self._espera
        finally:
            self._espera = None

    async def _vigilar(self, desconexion: Callable[[], Awaitable[None]]) -> None:
        """Un sondeo abandonado termina la sesión: no se sabe si llegó lo que llevaba."""
        await desconexion()
        if self._sesion.transporte is self:
            self._sesion.perder(MotivoDeCierre.ERROR_TRANSPORTE)
        self.despertar()

    async def publicar(self, leer: Callable[[int], Awaitable[bytes]]) -> Respuesta:
        """Procesa un POST; `leer(n)` da su cuerpo, o `CuerpoExcesivo` si pasa de `n` bytes."""
        sesion, maquina = self._sesion, self._sesion.maquina
        if not maquina.abrir_publicacion():
            sesion.romper(MotivoDeCierre.ERROR_TRANSPORTE)
            return error(CodigoEngineIO.PETICION_INCORRECTA)
        try:
            await sesion.lista()
            cuerpo = await self._leer_entero(leer)
            await sesion.procesar(maquina.recibir_carga(cuerpo, sesion.ahora()))
        except CuerpoExcesivo:
            sesion.romper(MotivoDeCierre.EXCESO)
            return Respuesta(413, cerrar=True)
        except (CuerpoIncompleto, TimeoutError):
            sesion.perder(MotivoDeCierre.ERROR_TRANSPORTE)
            return error(CodigoEngineIO.PETICION_INCORRECTA)
        except ErrorPaquete as fallo:
            sesion.rechazar(fallo)
            return error(CodigoEngineIO.PETICION_INCORRECTA)
        finally:
            maquina.cerrar_publicacion()
        return RECIBIDO

    async def _leer_entero(self, leer: Callable[[int], Awaitable[bytes]]) -> bytes:
        """El cuerpo; `TimeoutError` si antes termina la sesión: nadie la retiene a medio enviar."""
        async with asyncio.timeout(None) as self._sesion.lectura_post:
            try:
                return await leer(self._sesion.maquina.ajustes.carga_maxima)
            finally:
                self._sesion.lectura_post = None
