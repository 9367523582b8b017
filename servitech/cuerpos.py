"""El cuerpo de una petición HTTP, según llega: el corriente, en memoria; el de una subida, no."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import IO, Any, TypeVar

from django.core.exceptions import RequestAborted

from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

# Cuántas veces su máximo se lee sin guardarlo: quien lo envía no ve la respuesta hasta que acaba.
DE_SOBRA = 10
# Lo que de una subida espera en memoria a que se escriba.
BLOQUE = 256 * 1024

T = TypeVar("T")

# Un disco lento no para al bucle, ni ocupa los hilos de nadie.
_hilos = ThreadPoolExecutor(2, thread_name_prefix="cuerpos")

_no_deja = Suceso(
    registro,
    "No se puede escribir en la carpeta temporal (%s): no se sube ningún archivo",
    "Se puede escribir otra vez en la carpeta temporal",
)


class NoCabe(Exception):
    """Pasa de lo que admite su ruta."""


async def en_memoria(receive: Any, maximo: int, segundos: float) -> IO[bytes]:
    """Entero; TimeoutError si no acaba de llegar, y `NoCabe` si no cabe."""
    async with asyncio.timeout(segundos):
        return BytesIO(b"".join([trozo async for trozo in _trozos(receive, maximo)]))


async def en_disco(receive: Any, maximo: int, segundos: float) -> IO[bytes]:
    """Lo mismo, en un archivo sin nombre, que el sistema borra pase lo que pase.

    UNAVAILABLE si no se puede escribir.
    """
    archivo = await _al_disco(_abrir)
    try:
        async with asyncio.timeout(segundos):
            junto = bytearray()
            async for trozo in _trozos(receive, maximo):
                junto += trozo
                if len(junto) >= BLOQUE:
                    await _al_disco(_escribir, archivo, bytes(junto))
                    junto.clear()
            await _al_disco(_escribir, archivo, bytes(junto))
    except BaseException:
        _hilos.submit(archivo.close)
        raise
    return archivo


def _abrir() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _escribir(archivo: IO[bytes], bloque: bytes) -> None:
    archivo.write(bloque)
    archivo.flush()


async def _al_disco(funcion: Callable[..., T], *args: Any) -> T:
    try:
        hecho = await asyncio.get_running_loop().run_in_executor(_hilos, funcion, *args)
    except OSError as error:
        _no_deja.pasa(error)
        raise ErrorMensajeria(
            CodigoError.UNAVAILABLE,
            "El servidor no tiene dónde dejar lo que llega; inténtalo de nuevo",
            reintentar_en=5.0,
        ) from error
    _no_deja.no_pasa()
    return hecho


async def _trozos(receive: Any, maximo: int) -> AsyncIterator[bytes]:
    """De lo que sobra no da nada, y si sobra mucho ni lo lee."""
    largo = 0
    while True:
        mensaje = await receive()
        if mensaje["type"] == "http.disconnect":
            raise RequestAborted
        trozo = mensaje.get("body", b"")
        largo += len(trozo)
        if largo <= maximo:
            yield trozo
        sigue = mensaje.get("more_body", False)
        if largo > maximo and (not sigue or largo > DE_SOBRA * maximo):
            raise NoCabe
        if not sigue:
            return
