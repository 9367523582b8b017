"""Lo que los latidos confirman, junto: una orden por persona y conversación cada tic.

Son acumulativos: de varios, basta el mayor. Uno puede llegar tarde, o perderse con el proceso y
llegar con el siguiente; nunca dice lo que no se recibió.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mensajeria.ordenes.orden import Actor, Orden, Resultado
from mensajeria.protocolo.cargas import MarcarEntregado
from mensajeria.protocolo.tipos import Carga

TIC = 0.25

Pedir = Callable[[Orden[Carga], Callable[[Resultado], None]], None]


class Recibidos:
    """Se usa en el bucle de eventos; sin nada que confirmar no hace nada."""

    def __init__(self, pedir: Pedir) -> None:
        self._pedir = pedir
        self._hasta: dict[tuple[str, str], int] = {}

    def sumar(self, usuario_id: str, conversacion_id: str, hasta: int) -> None:
        """Esa persona recibió los mensajes de esa conversación hasta esa secuencia."""
        if not self._hasta:
            asyncio.get_running_loop().call_later(TIC, self.soltar)
        clave = (usuario_id, conversacion_id)
        self._hasta[clave] = max(hasta, self._hasta.get(clave, 0))

    def soltar(self) -> None:
        """Pide ya todo lo juntado, que irá en un mismo lote."""
        juntado, self._hasta = self._hasta, {}
        for (usuario_id, conversacion_id), hasta in juntado.items():
            carga = MarcarEntregado(conversacion_id=conversacion_id, hasta_secuencia=hasta)
            self._pedir(Orden(Actor(usuario_id), carga), _nadie_espera)


def _nadie_espera(_: Resultado) -> None:
    pass
