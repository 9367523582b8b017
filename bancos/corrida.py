"""Corre filas: arranca a los contendientes de cada una y los mide por turnos, A B A B."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator

import uvloop

from bancos.contendientes import CONTENDIENTES, Arranque
from bancos.escenarios.vez import Figuras, Vez
from bancos.fila import Fila
from bancos.medidas import Resultado
from bancos.servidores import EnMarcha, Taller
from bancos.siembra import Siembra


class _Servidores:
    """Los que hacen falta con una siembra, cada uno arrancado una vez."""

    def __init__(self, taller: Taller, siembra: Siembra, pila: contextlib.ExitStack) -> None:
        self._taller, self._siembra, self._pila = taller, siembra, pila
        self._en_marcha: dict[int, EnMarcha] = {}

    def aparte(self, pila: contextlib.ExitStack) -> _Servidores:
        """Otros, con la misma siembra, que duran lo que `pila`."""
        return _Servidores(self._taller, self._siembra, pila)

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
) -> Iterator[Resultado]:
    """Los resultados de cada fila, según terminan; `elige` dice con quién."""
    for _, seguidas in itertools.groupby(filas, key=lambda fila: id(fila.siembra)):
        with contextlib.ExitStack() as pila:
            comunes: _Servidores | None = None
            for fila in seguidas:
                comunes = comunes or _Servidores(taller, fila.siembra, pila)
                quienes = [c for c in fila.contendientes if elige(c)]
                yield Resultado(fila, _medir(fila, quienes, comunes, veces, segundos))


def _medir(
    fila: Fila, quienes: list[str], comunes: _Servidores, veces: int, segundos: float
) -> dict[str, list[Figuras]]:
    """Por contendiente, las figuras de cada vez."""
    figuras: dict[str, list[Figuras]] = {c: [] for c in quienes}
    if not fila.fresca:
        for c in quienes:
            comunes.de(CONTENDIENTES[c].arranque)
    for _ in range(min(veces, fila.veces or veces)):
        for c in quienes:
            with contextlib.ExitStack() as pila:
                servidores = comunes.aparte(pila) if fila.fresca else comunes
                figuras[c].append(_una_vez(fila, c, servidores, segundos))
    return figuras


def _una_vez(fila: Fila, c: str, servidores: _Servidores, segundos: float) -> Figuras:
    contendiente = CONTENDIENTES[c]
    servidor = servidores.de(contendiente.arranque)
    vez = Vez(servidor, contendiente.dialecto, fila.segundos or segundos)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as bucle:
        return bucle.run(fila.escenario(vez))
