"""Receptores de mentira, y lo que su gente hace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from mensajeria.base_de_datos import en_hilo_de_lectura
from mensajeria.central.conectado import Conectado
from mensajeria.difusion.emision import Emision
from mensajeria.nodo import Nodo
from mensajeria.operaciones.autenticacion import Credencial
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from tests.apoyo import ejecutar_una


class ReceptorFalso:
    mira: str | None = ""

    def __init__(self, usuario_id: str, ingreso: str | None = None) -> None:
        self.id = f"s-{usuario_id}-{id(self)}"
        self.usuario_id = usuario_id
        self.credencial: Credencial | None = Credencial(usuario_id, time.time(), None, ingreso)
        self.recibidos: list[tuple[str, dict[str, Any]]] = []
        self.por_confirmar: dict[str, int] = {}
        self.expulsada = False
        self._llego = asyncio.Event()

    def entregar(self, emision: Emision) -> None:
        self.recibidos.append((emision.evento, msgspec.json.decode(emision.datos)))
        self._llego.set()

    def enviado_hasta(self, conversacion: str, secuencia: int) -> None:
        self.por_confirmar[conversacion] = secuencia

    def expulsar(self) -> None:
        self.expulsada = True
        self._llego.set()

    def cambiar_de_epoca(self, aviso: Emision) -> None:
        self.entregar(aviso)

    def conectado(self, salas: int) -> Conectado:
        yo, de = self.id, self.usuario_id
        return Conectado(yo, de, "nativa", "websocket", "", time.time(), salas, 0, 0)

    async def hasta(self, cumple: Callable[[ReceptorFalso], Any], segundos: float = 3) -> None:
        async with asyncio.timeout(segundos):
            while not cumple(self):
                self._llego.clear()
                await self._llego.wait()

    def cambios(self) -> list[tuple[str, int]]:
        return [(e, d["secuenciaCambio"]) for e, d in self.recibidos if "secuenciaCambio" in d]

    def eventos(self) -> list[str]:
        return [e for e, d in self.recibidos if "secuenciaCambio" in d]


async def entrar(nodo: Nodo, usuario: str, ingreso: str | None = None) -> ReceptorFalso:
    receptor = ReceptorFalso(usuario, ingreso)
    assert receptor.credencial is not None
    with nodo.vigilancia.atenta():
        llegada = await nodo.entrada.reconocer(receptor.credencial)
        await nodo.entrada.ingresar(receptor, llegada, lambda: None)
    return receptor


async def pedir(quien: str, carga: Any) -> Any:
    return await en_hilo_de_lectura(ejecutar_una, Orden(Actor(quien), carga))


async def perdido(quien: str, carga: Any) -> Any:
    """Como si lo hubiera hecho otro proceso y la capa lo hubiera perdido."""
    return await en_hilo_de_lectura(Nodo().pedir_una, Orden(Actor(quien), carga))


def hola(texto: str = "hola") -> cargas.EnviarMensaje:
    return cargas.EnviarMensaje(
        conversacion_id="conv", contenido=cargas.ContenidoEnviado(texto=texto)
    )
