"""Lo que un proceso recuerda de las conversaciones en las que se acaba de enviar.

Con ello se decide el mensaje siguiente sin leer nada; que siga siendo verdad lo comprueba la base,
en la misma transacción que lo guarda.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mensajeria.filas import ConversacionLigera, ParticipanteLigero
from mensajeria.ordenes.almacen import Leido
from mensajeria.ordenes.filas import Filas

MAX_CONVERSACIONES = 2_000
# De cada una, quienes enviaron los últimos.
MAX_PERSONAS = 20

Par = tuple[str, str]


class Recordadas:
    """Por conversación, su fila y las de quienes enviaron; se olvida la menos usada."""

    def __init__(self) -> None:
        self._de: dict[str, tuple[ConversacionLigera, dict[str, ParticipanteLigero]]] = {}

    def leer(self, pares: Sequence[Par]) -> Leido | None:
        """Las filas de esos pares de conversación y persona, si se recuerdan todas."""
        conversaciones, participantes = [], []
        for id_, usuario in pares:
            conversacion, suyos = self._de.get(id_, (None, None))
            if conversacion is None or suyos is None or usuario not in suyos:
                return None
            conversaciones.append(conversacion)
            participantes.append(suyos[usuario])
        return Leido(conversaciones=conversaciones, participantes=participantes)

    def recordar(self, filas: Filas, pares: Iterable[Par]) -> None:
        """Como han quedado, tras enviar esas personas en esas conversaciones."""
        for id_, usuario in pares:
            conversacion = filas.conversaciones.get(id_)
            participante = filas.participantes.get((id_, usuario))
            if conversacion is None or participante is None:
                continue
            _, suyos = self._de.pop(id_, (None, {}))
            suyos.pop(usuario, None)
            suyos[usuario] = participante
            if len(suyos) > MAX_PERSONAS:
                del suyos[next(iter(suyos))]
            self._de[id_] = (conversacion, suyos)
        while len(self._de) > MAX_CONVERSACIONES:
            del self._de[next(iter(self._de))]

    def olvidar(self, conversaciones: Iterable[str]) -> None:
        for id_ in conversaciones:
            self._de.pop(id_, None)
