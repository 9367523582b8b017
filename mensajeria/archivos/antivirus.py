"""El antivirus, si lo hay (`CLAMD`): lo que no se ha podido mirar no se enseña."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Coroutine
from typing import Any, NoReturn

from aioclamd import ClamdAsyncClient, ClamdError
from django.conf import settings

from mensajeria.sucesos import Suceso

registro = logging.getLogger("mensajeria.archivos")

# Lo que se espera a que mire un archivo, y a que diga que está.
SEGUNDOS = 30.0
SEGUNDOS_DE_SALUDO = 3.0
# Si no está, lo que se tarda en preguntarle otra vez: cada subida esperaría lo mismo para nada.
DESCANSO = 10.0
_TROZO = 64 * 1024

# Su máquina y su puerto.
Direccion = tuple[str, int]

_no_mira = Suceso(
    registro,
    "El antivirus no mira (%s): lo que se suba queda en revisión, sin que nadie lo vea",
    "El antivirus mira otra vez",
)
# Hasta cuándo descansa cada uno, por su dirección.
_descansos: dict[Direccion, float] = {}


class Infectado(Exception):
    """Lo que el antivirus dijo que es."""


class SinSaber(Exception):
    """No se supo si está limpio."""


class NoContesta(SinSaber):
    """El antivirus no está: no se sabrá de ninguno."""


class NoPuede(SinSaber):
    """Está, y con este archivo no puede: se sabrá de los demás."""


def mirar(crudo: bytes) -> None:
    """Está limpio, o no hay antivirus; si no, lanza `Infectado`, `NoContesta` o `NoPuede`."""
    clamd: Direccion | None = settings.CLAMD
    if clamd is None:
        return
    if time.monotonic() < _descansos.get(clamd, 0.0):
        raise NoContesta
    estado, motivo = _preguntar(_analizar(*clamd, crudo))
    if estado == "FOUND":
        raise Infectado(motivo)
    if estado != "OK":
        _decir_de_quien_es(clamd, motivo)
    _no_mira.no_pasa()


def _decir_de_quien_es(clamd: Direccion, motivo: str) -> NoReturn:
    """Por cómo falló no se sabe: uno que no le cabe y uno que se cae cortan igual."""
    dicho = motivo or "corta sin decir por qué"
    saludo, _ = _preguntar(_saludar(*clamd))
    if saludo == "PONG":
        raise NoPuede(dicho)
    _descansos[clamd] = time.monotonic() + DESCANSO
    _no_mira.pasa(dicho)
    raise NoContesta(dicho)


def _preguntar(pregunta: Coroutine[Any, Any, tuple[str, str]]) -> tuple[str, str]:
    """Lo que contesta; si falla, nada, y por qué."""
    try:
        return asyncio.run(pregunta)
    except (ClamdError, OSError, ValueError) as error:
        return "", str(error)


async def _analizar(maquina: str, puerto: int, crudo: bytes) -> tuple[str, str]:
    clamd = ClamdAsyncClient(maquina, puerto, SEGUNDOS)
    dicho: dict[str, tuple[str, str]] | None = await clamd.instream(_ATrozos(crudo))
    return (dicho or {}).get("stream", ("", ""))


async def _saludar(maquina: str, puerto: int) -> tuple[str, str]:
    return str(await ClamdAsyncClient(maquina, puerto, SEGUNDOS_DE_SALUDO).ping()), ""


class _ATrozos(io.BytesIO):
    """El cliente lee de kilobyte en kilobyte, y cada uno le cuesta un salto de hilo."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_TROZO)
