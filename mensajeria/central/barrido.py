"""El barrido: a quien lleva cerca de un segundo con algo sin confirmar se le pide un latido de más.

El corriente tarda hasta 25 s, y con él, el segundo tic. Hay un barrido por proceso, con un
temporizador que solo corre mientras hay alguien apuntado; nada por conexión ni por mensaje. Tiene
dos topes, y lo que no cabe en una vuelta va en las siguientes, o con el latido corriente: en una
sala de mil, un mensaje no puede ser mil pings de golpe, ni un millar de recibos.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Collection
from typing import Protocol

PERIODO = 0.2
# Las vueltas que se espera: entre 1 y 1,2 s. Cada latido vuelve a empezar la cuenta de su conexión:
# no hay dos de más en un segundo.
VUELTAS = 5
# Latidos de más en una vuelta: 50 y 500 por segundo.
MAX_POR_CONVERSACION = 10
MAX_POR_VUELTA = 100


class Pendiente(Protocol):
    """Un cliente al que se le envió algo que no ha confirmado, visto desde aquí."""

    @property
    def por_confirmar(self) -> Collection[str]:
        """Las conversaciones de lo enviado a lo que ningún ping ha seguido."""

    def pedir_latido(self) -> None:
        """Envía un ping detrás de lo enviado, si puede ahora."""


class Barrido:
    """Se usa en el bucle de eventos; sin nadie apuntado no hace nada."""

    def __init__(self) -> None:
        self._apuntados: set[Pendiente] = set()
        # Por las vueltas que llevan; los recién apuntados, al final.
        self._esperan: deque[list[Pendiente]] = deque([] for _ in range(VUELTAS + 1))
        self._no_cupieron: list[Pendiente] = []
        self._corre = False

    def apuntar(self, cliente: Pendiente) -> None:
        """Se le envió algo, y lo anterior ya iba seguido de un ping."""
        if cliente in self._apuntados:
            return
        self._apuntados.add(cliente)
        self._esperan[-1].append(cliente)
        if not self._corre:
            self._corre = True
            asyncio.get_running_loop().call_later(PERIODO, self._barrer)

    def _barrer(self) -> None:
        self._corre = bool(self._apuntados)
        if self._corre:
            asyncio.get_running_loop().call_later(PERIODO, self._barrer)
        tocan = self._no_cupieron + self._esperan.popleft()
        self._no_cupieron = []
        self._esperan.append([])
        latidos, de_cada = 0, Counter[str]()
        for i, cliente in enumerate(tocan):
            if latidos == MAX_POR_VUELTA:
                self._no_cupieron += tocan[i:]
                break
            suyas = list(cliente.por_confirmar)
            if suyas and all(de_cada[c] >= MAX_POR_CONVERSACION for c in suyas):
                self._no_cupieron.append(cliente)
            elif self._atender(cliente):
                latidos += 1
                de_cada.update(suyas)

    def _atender(self, cliente: Pendiente) -> bool:
        """Si se le envió un ping. Quien espera respuesta a otro no puede: vuelve a esperar."""
        tenia_algo = bool(cliente.por_confirmar)
        if tenia_algo:
            cliente.pedir_latido()
        if cliente.por_confirmar:
            self._esperan[-1].append(cliente)
            return False
        self._apuntados.discard(cliente)
        return tenia_algo
