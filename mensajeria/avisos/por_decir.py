"""Lo que habría que decirle a cada cual de una conversación, y si está mirando."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from mensajeria.avisos import buzon
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.presencia import Clave
from mensajeria.models import ahora

# A quien mira, o acaba de irse, no se le avisa ya: pasado este rato se mira otra vez qué no leyó.
# Cubre al que cerró sin leer, al que perdió la red y al proceso que murió con su gente.
SEGUNDA_MIRADA = timedelta(seconds=30)


class DeMensaje(NamedTuple):
    secuencia: int
    remitente: str | None
    prioridad: str
    menciones: list[str]
    fecha: datetime


class Destinatario(NamedTuple):
    """Un participante activo, y lo que decide si se le avisa."""

    conversacion: str
    usuario: str
    leido_hasta: int
    ultima_conexion: datetime | None
    correo: str
    silenciada_hasta: datetime | None


@dataclass(slots=True)
class PorDecir:
    """De una conversación, lo que no ha leído un destinatario."""

    quien: Destinatario
    mensajes: list[DeMensaje]
    prioridad: str = "normal"
    clase: str = "mensajes"

    def __post_init__(self) -> None:
        le_nombran = [m for m in self.mensajes if self.quien.usuario in m.menciones]
        if le_nombran:
            self.clase = "menciones"
        # Silenciada, solo lo que le nombra: ni lo urgente pasa, que lo marca quien escribe.
        hasta = self.quien.silenciada_hasta
        if hasta is not None and hasta > ahora():
            self.mensajes = le_nombran
        prioridades = (m.prioridad for m in self.mensajes)
        self.prioridad = max(prioridades, key=buzon.PRIORIDADES.index, default="normal")


def _la_ensenan(quien: Destinatario) -> tuple[Clave, Clave]:
    """Una página que enseña esa conversación, o una que no dice cuál."""
    return Clave(quien.usuario, quien.conversacion), Clave(quien.usuario)


@dataclass(slots=True)
class Presentes:
    """Quién mira qué, y quién está."""

    ensenan: set[Destinatario] = field(default_factory=set)
    en_linea: set[str] = field(default_factory=set)
    unidos: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def de(cls, destinatarios: Iterable[Destinatario]) -> Presentes:
        destinatarios = list(destinatarios)
        presencia = compartido().presencia
        claves = [_la_ensenan(o) for o in destinatarios]
        miran = compartido().miradas.miran(chain.from_iterable(claves))
        ensenan = {
            o for o, suyas in zip(destinatarios, claves, strict=True) if not miran.isdisjoint(suyas)
        }
        return cls(
            ensenan,
            presencia.en_linea({o.usuario for o in destinatarios}),
            {id_: set(presencia.unidos(id_)) for id_ in {o.conversacion for o in ensenan}},
        )

    def mira(self, quien: Destinatario) -> bool:
        """Unido a la conversación, y con una página visible que la enseña."""
        return quien in self.ensenan and quien.usuario in self.unidos[quien.conversacion]

    def acaba_de_irse(self, quien: Destinatario, instante: datetime) -> bool:
        ultima = quien.ultima_conexion
        fuera = quien.usuario not in self.en_linea
        return fuera and ultima is not None and instante - ultima < SEGUNDA_MIRADA
