"""Quién está conectado, dónde y por qué puerta; solo se mira cuando alguien lo pregunta.

A los demás procesos se les pregunta por la capa de canales, y contestan en una lista de Redis: no
cuesta nada mientras nadie pregunte, ni hay que guardar en ningún sitio quién está.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis import RedisError

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.conectado import Conectado, Hoja
from mensajeria.central.reparto import Reparto
from mensajeria.difusion import grupos
from mensajeria.difusion.emisor import TIPO
from mensajeria.difusion.sobre import empaquetar
from mensajeria.entre_procesos import proceso
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.enlace import llave

registro = logging.getLogger("mensajeria.central")

# De cada proceso, como mucho.
MAX_POR_PROCESO = 1_000
# Lo que se espera a que contesten todos, y lo que dura lo que nadie recoge.
PLAZO = 2.0
_CADUCA = 30
# Lo que se espera cada vez en Redis, que ha de ser menos de lo que se le aguanta callado.
_ESPERA = 0.1


class Censo:
    """El de este proceso. Se crea en su bucle."""

    def __init__(self, reparto: Reparto) -> None:
        self._reparto = reparto
        self._bucle = asyncio.get_running_loop()

    def hoja(self, usuario: str = "") -> Hoja:
        """Quién ha entrado aquí, o las conexiones de ese usuario. En el bucle."""
        de_quien = [usuario] if usuario else list(self._reparto.receptores)
        todos = [
            receptor.conectado(len(self._reparto.salas_de(quien)))
            for quien in de_quien
            for receptor in self._reparto.receptores.get(quien, ())
        ]
        todos.sort(key=_por_leer, reverse=True)
        return Hoja(proceso.este(), socket.gethostname(), len(todos), todos[:MAX_POR_PROCESO])

    def desde_un_hilo(self, usuario: str) -> Hoja:
        """La de este proceso; TimeoutError si su bucle no da una vuelta en `PLAZO`."""

        async def hoja() -> Hoja:
            return self.hoja(usuario)

        return asyncio.run_coroutine_threadsafe(hoja(), self._bucle).result(PLAZO)

    async def contestar(self, pregunta: dict[str, str]) -> None:
        """A otro proceso, que espera en esa lista; sin Redis, nos dará por callados."""
        cuerpo = msgspec.json.encode(self.hoja(pregunta["usuario"]))
        with contextlib.suppress(RedisError):
            await en_hilo_de_lectura(_apuntar, pregunta["en"], cuerpo)


def de_los_demas(usuario: str) -> tuple[list[Hoja], int]:
    """Las de los demás procesos, y cuántos no contestaron: si no se les pudo ni preguntar, uno al
    menos. Desde un hilo, que espera.
    """
    enlace = compartido().enlace
    arriendos = compartido().arriendos
    if enlace is None or arriendos is None:
        return [], 0
    hojas: list[Hoja] = []
    faltan = 1
    try:
        faltan = len({*arriendos.vivos(arriendos.todos())} - {proceso.este()})
        en = _preguntar(usuario)
        limite = time.monotonic() + PLAZO
        while len(hojas) < faltan and time.monotonic() < limite:
            if dada := enlace.llamar(lambda: enlace.redis.blpop([en], _ESPERA)):
                hojas.append(msgspec.json.decode(dada[1], type=Hoja))
    except Exception as error:
        registro.warning("No se pudo preguntar quién está a los demás: %s", type(error).__name__)
    return hojas, faltan - len(hojas)


def _preguntar(usuario: str) -> str:
    """A todos; da la lista en que contestarán."""
    en = llave("censo", secrets.token_hex(8))
    pregunta = {"usuario": usuario, "en": en}
    aviso = {"type": TIPO, "origen": proceso.este(), "sobres": empaquetar([]), "censo": pregunta}
    async_to_sync(get_channel_layer().enviar)({grupos.TODOS: aviso})
    return en


def _apuntar(en: str, cuerpo: bytes) -> None:
    enlace = compartido().enlace
    if enlace is not None:
        enlace.llamar(lambda: _en_la_lista(enlace.redis, en, cuerpo))


def _en_la_lista(redis: Any, en: str, cuerpo: bytes) -> None:
    with redis.pipeline(transaction=False) as tubo:
        tubo.rpush(en, cuerpo)
        tubo.expire(en, _CADUCA)
        tubo.execute()


def _por_leer(uno: Conectado) -> int:
    return uno.por_leer
