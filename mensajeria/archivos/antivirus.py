"""El antivirus, si lo hay (`CLAMD`): lo que no se ha podido mirar no se enseña."""

from __future__ import annotations

import asyncio
import io
import logging

from aioclamd import ClamdAsyncClient, ClamdError
from django.conf import settings

from mensajeria.models import Archivo
from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

SEGUNDOS = 30.0
_TROZO = 64 * 1024

_no_mira = Suceso(
    registro,
    "El antivirus no mira (%s): lo que se suba queda en revisión, sin que nadie lo vea",
    "El antivirus mira otra vez",
)


class Infectado(Exception):
    """Lo que el antivirus dijo que es."""


def mirar(crudo: bytes) -> Archivo.Estado:
    """LISTO si está limpio o no hay antivirus, y EN_REVISION si no se supo; lanza `Infectado`."""
    if settings.CLAMD is None:
        return Archivo.Estado.LISTO
    try:
        estado, motivo = asyncio.run(_preguntar(*settings.CLAMD, crudo))
    except (ClamdError, OSError, ValueError) as error:
        _no_mira.pasa(error)
        return Archivo.Estado.EN_REVISION
    if estado == "FOUND":
        raise Infectado(motivo)
    if estado != "OK":
        _no_mira.pasa(motivo or "no contesta")
        return Archivo.Estado.EN_REVISION
    _no_mira.no_pasa()
    return Archivo.Estado.LISTO


async def _preguntar(maquina: str, puerto: int, crudo: bytes) -> tuple[str, str]:
    clamd = ClamdAsyncClient(maquina, puerto, SEGUNDOS)
    dicho: dict[str, tuple[str, str]] | None = await clamd.instream(_ATrozos(crudo))
    return (dicho or {}).get("stream", ("", ""))


class _ATrozos(io.BytesIO):
    """El cliente lee de kilobyte en kilobyte, y cada uno le cuesta un salto de hilo."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_TROZO)
