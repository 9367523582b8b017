"""Las filas que un lote tiene a mano, leídas de una vez y con su conversación bloqueada."""

from __future__ import annotations

from collections.abc import Iterable

from mensajeria.filas import (
    ConversacionLigera,
    LecturaLigera,
    MensajeLigero,
    ParticipanteLigero,
    ReaccionLigera,
    UsuarioLigero,
)
from mensajeria.ordenes.almacen import Leido, Nombrado, Recibo
from mensajeria.ordenes.por_guardar import Guardable


class Filas:
    """Una sola de cada: lo que una orden le haga, lo ven las siguientes.

    Los participantes y las reacciones van por sus dos claves, y los previos por remitente e
    `idCliente`.
    """

    def __init__(self, leido: Leido, nombrado: Nombrado) -> None:
        self.usuarios: dict[str, UsuarioLigero] = {}
        self.participantes: dict[tuple[str, str], ParticipanteLigero] = {}
        self.reacciones: dict[str, dict[str, ReaccionLigera]] = {}
        # Por conversación, los ids de los fijados.
        self.fijados: dict[str, set[str]] = {}
        # Por conversación, los que cubren algún mensaje de los que se presentan enteros.
        self.recibos: dict[str, list[Recibo]] = {}
        self.conversaciones = {c.id: c for c in leido.conversaciones}
        self.parejas = {c.clave_pareja: c for c in leido.conversaciones if c.clave_pareja}
        self.previos = {(m.remitente_id or "", m.id_cliente or ""): m for m in leido.previos}
        for usuario in leido.usuarios:
            self.usuarios.setdefault(usuario.id, usuario)
        for participante in leido.participantes:
            self._sumar_participante(participante)
        self.mensajes = self._enlazados(leido.mensajes)
        self._sumar_lo_de_mensajes(leido, nombrado)

    def _sumar_participante(self, fila: ParticipanteLigero) -> None:
        clave = (fila.conversacion_id, fila.usuario_id)
        if clave not in self.participantes:
            self.participantes[clave] = fila
            fila.usuario = self.usuarios.setdefault(fila.usuario_id, fila.usuario)

    def _enlazados(self, leidos: Iterable[MensajeLigero]) -> dict[str, MensajeLigero]:
        """Con lo que citan: lo que una orden le haga a lo citado se ve al citarlo."""
        mensajes = {m.id: m for m in leidos}
        for fila in mensajes.values():
            if fila.remitente is not None:
                fila.remitente = self.usuarios.setdefault(fila.remitente.id, fila.remitente)
            if fila.respuesta_a_id:
                fila.respuesta_a = mensajes.get(fila.respuesta_a_id)
        return mensajes

    def _sumar_lo_de_mensajes(self, leido: Leido, nombrado: Nombrado) -> None:
        self.reacciones = {id_: {} for id_ in nombrado.reacciones if id_ in self.mensajes}
        for reaccion in leido.reacciones:
            self.sumar(reaccion)
        for id_ in nombrado.fijados & self.mensajes.keys():
            self.fijados.setdefault(self.mensajes[id_].conversacion_id, set())
        for fijado in leido.fijados:
            self.fijados[fijado.conversacion_id].add(fijado.id)
        for id_ in nombrado.presentados & self.mensajes.keys():
            self.recibos.setdefault(self.mensajes[id_].conversacion_id, [])
        for recibo in leido.recibos:
            self.recibos[recibo.conversacion_id].append(recibo)

    def sumar(self, fila: Guardable) -> None:
        """Una fila nueva queda a mano para las órdenes que siguen."""
        match fila:
            case MensajeLigero():
                self.mensajes[fila.id] = fila
                if fila.remitente_id and fila.id_cliente:
                    self.previos[fila.remitente_id, fila.id_cliente] = fila
            case ReaccionLigera():
                self.reacciones[fila.mensaje_id][fila.usuario_id] = fila
            case ParticipanteLigero():
                self.participantes[fila.conversacion_id, fila.usuario_id] = fila
            case ConversacionLigera():
                self.conversaciones[fila.id] = fila
                if fila.clave_pareja:
                    self.parejas[fila.clave_pareja] = fila

    def reacciones_de(self, mensaje_id: str) -> list[ReaccionLigera]:
        """Las suyas, de la más antigua a la más reciente: cambiar una es ponerla ahora."""
        return sorted(self.reacciones[mensaje_id].values(), key=lambda r: (r.fecha, r.id))

    def anotar_recibo(self, quien: ParticipanteLigero, fila: LecturaLigera) -> None:
        """Uno nuevo, por si lo lleva algún mensaje que se presenta."""
        if (suyos := self.recibos.get(quien.conversacion_id)) is not None:
            de_quien = (quien.conversacion_id, quien.usuario_id)
            suyos.append(Recibo(*de_quien, fila.clase, fila.desde, fila.hasta, fila.fecha))

    def quitar(self, fila: ReaccionLigera) -> None:
        """Una reacción que se borra deja de estar a mano."""
        del self.reacciones[fila.mensaje_id][fila.usuario_id]
