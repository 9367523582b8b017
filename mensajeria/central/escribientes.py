"""Quién escribe en cada conversación, visto desde este proceso.

El fin puede perderse, o morir con el proceso de quien escribía: lo que no se renueva, termina aquí.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from mensajeria.difusion.sobre import Sobre
from mensajeria.operaciones.conexiones import SEGUNDOS_DE_ESCRITURA, SEGUNDOS_DE_RENOVACION, escribe
from mensajeria.protocolo.empujes import UsuarioEscribiendo
from mensajeria.protocolo.eventos import NOMBRE_DE

EVENTO = NOMBRE_DE[UsuarioEscribiendo]
# Entre la última renovación y el fin que anuncia su proceso, con lo que tarda en llegar.
CADUCA = SEGUNDOS_DE_RENOVACION + SEGUNDOS_DE_ESCRITURA + 1.0


class Escribientes:
    """`repartir` da un sobre a los de aquí."""

    def __init__(self, repartir: Callable[[list[Sobre]], None]) -> None:
        self._repartir = repartir
        self._plazos: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def cambia(self, sobre: Sobre) -> bool:
        """Toma nota; `False` si no dice nada que los de aquí no sepan."""
        aviso = msgspec.json.decode(sobre.datos, type=UsuarioEscribiendo)
        clave = (aviso.conversacion_id, aviso.usuario_id)
        plazo = self._plazos.pop(clave, None)
        if plazo is not None:
            plazo.cancel()
        if aviso.escribiendo:
            bucle = asyncio.get_running_loop()
            self._plazos[clave] = bucle.call_later(CADUCA, self._caducar, *clave)
        return aviso.escribiendo != (plazo is not None)

    def _caducar(self, conversacion: str, usuario: str) -> None:
        self._repartir([escribe(conversacion, usuario, False)])
