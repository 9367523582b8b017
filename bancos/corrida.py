"""Corre filas: arranca a los contendientes de cada una y los mide por turnos, A B A B."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import uvloop

from bancos.contendientes import CONTENDIENTES, Arranque
from bancos.escenarios.vez import Figuras, Vez
from bancos.filas import Fila
from bancos.servidores import EnMarcha, Taller
from bancos.siembra import Siembra


@dataclass
class Resultado:
    """Las figuras de cada vez, por contendiente."""

    fila: Fila
    veces: dict[str, list[Figuras]] = field(default_factory=lambda: defaultdict(list))


class _Servidores:
    """Los que hacen falta con una siembra, cada uno arrancado una vez."""

    def __init__(self, taller: Taller, siembra: Siembra, pila: contextlib.ExitStack) -> None:
        self._taller, self._siembra, self._pila = taller, siembra, pila
        self._en_marcha: dict[int, EnMarcha] = {}

    def de(self, arranque: Arranque) -> EnMarcha:
        if id(arranque) not in self._en_marcha:
            contexto = arranque(self._taller, self._siembra)
            self._en_marcha[id(arranque)] = self._pila.enter_context(contexto)
        return self._en_marcha[id(arranque)]


def correr(
    filas: list[Fila],
    taller: Taller,
    veces: int,
    segundos: float,
    elige: Callable[[str], bool],
    avisar: Callable[[str], None],
) -> Iterator[Resultado]:
    """Los resultados de cada fila, según terminan; `elige` dice con quién."""
    for _, seguidas in itertools.groupby(filas, key=lambda fila: id(fila.siembra)):
        grupo = list(seguidas)
        with contextlib.ExitStack() as pila:
            servidores = _Servidores(taller, grupo[0].siembra, pila)
            for fila in grupo:
                quienes = [c for c in fila.contendientes if elige(c)]
                avisar(f"{fila.id}: {fila.titulo}")
                yield _una(fila, quienes, servidores, veces, segundos)


def _una(
    fila: Fila, quienes: list[str], servidores: _Servidores, veces: int, segundos: float
) -> Resultado:
    resultado = Resultado(fila)
    for c in quienes:
        servidores.de(CONTENDIENTES[c].arranque)
    for _ in range(veces):
        for c in quienes:
            contendiente = CONTENDIENTES[c]
            vez = Vez(servidores.de(contendiente.arranque), contendiente.dialecto, segundos)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as bucle:
                resultado.veces[c].append(bucle.run(fila.escenario(vez)))
    return resultado
