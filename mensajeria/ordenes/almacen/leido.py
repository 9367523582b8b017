"""Lo que un lote pide a su almacén y lo que recibe de él, sea cual sea la base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from mensajeria.filas import (
    ArchivoLigero,
    ConversacionLigera,
    MensajeLigero,
    ParticipanteLigero,
    ReaccionLigera,
    UsuarioLigero,
)
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.por_guardar import PorGuardar
from mensajeria.protocolo.tipos import Carga

Par = tuple[str, str]


@dataclass(slots=True)
class Nombrado:
    """Lo que nombran todas las órdenes de un lote, junto y sin repetir.

    Se bloquean las `conversaciones`, las de `mensajes`, las de `parejas` y los `archivos`. Los
    `pares` son de conversación y actor, o de mensaje y actor; los `previos`, de remitente e
    `idCliente`.
    """

    conversaciones: set[str] = field(default_factory=set)
    mensajes: set[str] = field(default_factory=set)
    citas: set[str] = field(default_factory=set)
    pares: set[Par] = field(default_factory=set)
    pares_de_mensaje: set[Par] = field(default_factory=set)
    enteras: set[str] = field(default_factory=set)
    enteras_de_mensaje: set[str] = field(default_factory=set)
    reacciones: set[str] = field(default_factory=set)
    presentados: set[str] = field(default_factory=set)
    fijados: set[str] = field(default_factory=set)
    usuarios: set[str] = field(default_factory=set)
    parejas: set[str] = field(default_factory=set)
    previos: set[Par] = field(default_factory=set)
    archivos: set[str] = field(default_factory=set)

    def sumar(self, orden: Orden[Carga], nombra: Nombra) -> None:
        actor = orden.actor.usuario_id
        if nombra.conversacion:
            self.conversaciones.add(nombra.conversacion)
            self.pares.add((nombra.conversacion, actor))
            if nombra.todos:
                self.enteras.add(nombra.conversacion)
        if nombra.mensaje:
            self.mensajes.add(nombra.mensaje)
            self.pares_de_mensaje.add((nombra.mensaje, actor))
            for hace_falta, de in (
                (nombra.reacciones or nombra.presentado, self.reacciones),
                (nombra.presentado, self.presentados),
                (nombra.fijados, self.fijados),
                (nombra.todos, self.enteras_de_mensaje),
            ):
                if hace_falta:
                    de.add(nombra.mensaje)
        if nombra.cita:
            self.citas.add(nombra.cita)
        if nombra.previo:
            self.previos.add((actor, nombra.previo))
        if nombra.archivo:
            self.archivos.add(nombra.archivo)
        if nombra.pareja:
            self.parejas.add(nombra.pareja)
        self.usuarios.update(nombra.usuarios)


class Recibo(msgspec.Struct, array_like=True):
    """Un recibo y de quién es."""

    conversacion_id: str
    usuario_id: str
    clase: str
    desde: int
    hasta: int
    fecha: datetime


class IdDeFijado(msgspec.Struct, array_like=True):
    conversacion_id: str
    id: str


@dataclass(slots=True)
class Leido:
    """Las filas de un lote. Pueden venir repetidas, si las nombra más de uno.

    De los mensajes viene también lo que citan; de los presentados, los recibos que los cubren y el
    participante que los escribió.
    """

    conversaciones: Sequence[ConversacionLigera] = ()
    participantes: Sequence[ParticipanteLigero] = ()
    mensajes: Sequence[MensajeLigero] = ()
    previos: Sequence[MensajeLigero] = ()
    reacciones: Sequence[ReaccionLigera] = ()
    recibos: Sequence[Recibo] = ()
    fijados: Sequence[IdDeFijado] = ()
    usuarios: Sequence[UsuarioLigero] = ()
    archivos: Sequence[ArchivoLigero] = ()


class Subida(msgspec.Struct, array_like=True):
    """Los pisos de quien escribió, antes y ahora, y su último mensaje hasta cada uno, si lo hay."""

    id: str
    conversacion_id: str
    usuario_id: str
    entregado_antes: int
    leido_antes: int
    entregado: int
    leido: int
    ultimo_entregado: str | None = None
    secuencia_entregado: int | None = None
    ultimo_leido: str | None = None
    secuencia_leido: int | None = None


# Recibe los pisos que subieron, por participante.
AlConfirmar = Callable[[Sequence[Subida]], None]


class Transaccion(Protocol):
    """Un viaje para leer y otro para escribir, y lo leído queda bloqueado entre los dos."""

    def leer(self, nombrado: Nombrado) -> Leido:
        """Lo nombrado; bloqueadas por orden de id, sus conversaciones y después sus archivos."""

    def confirmar(self, pendiente: PorGuardar, al_confirmar: AlConfirmar) -> None:
        """Escribe todo, los pisos lo último, y confirma; ya sin vuelta atrás, `al_confirmar`."""
