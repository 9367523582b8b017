"""Cargar: las filas que un lote tiene a mano, leídas de una vez y con su conversación bloqueada."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model, Q

from mensajeria.consultas import con_lo_que_cita
from mensajeria.models import Conversacion, Mensaje, Participante, Reaccion, Usuario
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.vistazo import Vistazo, leer_previos
from mensajeria.protocolo.tipos import Carga


class Filas:
    """Una sola instancia de cada fila: lo que una orden le haga, lo ven las siguientes.

    Los participantes y las reacciones van por sus dos claves, y los previos por remitente e
    `idCliente`. El número de consultas no depende de cuántas órdenes haya.
    """

    def __init__(
        self, ordenes: Sequence[Orden[Carga]], nombradas: Sequence[Nombra], vistazo: Vistazo
    ) -> None:
        self.conversaciones: dict[str, Conversacion] = {}
        self.participantes: dict[tuple[str, str], Participante] = {}
        self.usuarios: dict[str, Usuario] = {}
        self.mensajes: dict[str, Mensaje] = {}
        self.reacciones: dict[str, dict[str, Reaccion]] = {}
        # Por conversación, los ids de los fijados.
        self.fijados: dict[str, set[str]] = {}
        self.parejas: dict[str, Conversacion] = {}
        self.previos = vistazo.previos
        self._por_releer = vistazo.claves_previas
        con_cual = list(zip(nombradas, vistazo.conversaciones, strict=True))
        todas = {c for c in vistazo.conversaciones if c}
        enteras = {c for n, c in con_cual if c and n.todos}
        self._bloquear_conversaciones(todas)
        self._leer_participantes(todas, enteras, {o.actor.usuario_id for o in ordenes})
        self._leer_mensajes({id_ for n in nombradas for id_ in (n.mensaje, n.cita) if id_})
        self._leer_reacciones({n.mensaje for n in nombradas if n.mensaje and n.reacciones})
        self._leer_fijados({c for n, c in con_cual if c and n.fijados})
        self._leer_usuarios({u for n in nombradas for u in n.usuarios})
        self._leer_parejas({n.pareja for n in nombradas if n.pareja})

    def _bloquear_conversaciones(self, ids: set[str]) -> None:
        # El cerrojo de PostgreSQL; en SQLite lo es BEGIN IMMEDIATE, y en MongoDB el conflicto de
        # escritura sobre este mismo documento. Por orden de id: nadie espera en círculo.
        if ids:
            filas = Conversacion.objects.select_for_update().filter(pk__in=sorted(ids))
            self.conversaciones = {f.pk: f for f in filas.order_by("pk")}

    def _leer_participantes(self, todas: set[str], enteras: set[str], actores: set[str]) -> None:
        if todas:
            cuales = Q(conversacion__in=todas, usuario__in=actores)
            if enteras:
                cuales |= Q(conversacion__in=enteras)
            self._sumar_participantes(cuales)

    def _sumar_participantes(self, cuales: Q) -> None:
        for fila in Participante.objects.filter(cuales).select_related("usuario"):
            self.participantes[fila.conversacion_id, fila.usuario_id] = fila
            self.usuarios[fila.usuario_id] = fila.usuario

    def _leer_mensajes(self, ids: set[str]) -> None:
        if ids:
            filas = con_lo_que_cita(Mensaje.objects.filter(pk__in=ids))
            self.mensajes = {f.pk: f for f in filas}
            # Lo que una orden le haga a lo citado se ve al citarlo.
            for fila in self.mensajes.values():
                if fila.respuesta_a_id in self.mensajes:
                    fila.respuesta_a = self.mensajes[fila.respuesta_a_id]

    def _leer_reacciones(self, ids: Iterable[str]) -> None:
        self.reacciones = {id_: {} for id_ in ids if id_ in self.mensajes}
        if self.reacciones:
            filas = Reaccion.objects.filter(mensaje__in=list(self.reacciones))
            for fila in filas.order_by("fecha", "pk"):
                self.sumar(fila)

    def _leer_fijados(self, conversaciones: set[str]) -> None:
        self.fijados = {c: set() for c in conversaciones}
        if conversaciones:
            filas = Mensaje.objects.filter(conversacion__in=conversaciones, fijado=True)
            for conversacion, id_ in filas.values_list("conversacion_id", "pk"):
                self.fijados[conversacion].add(id_)

    def _leer_usuarios(self, ids: set[str]) -> None:
        faltan = ids - self.usuarios.keys()
        if faltan:
            self.usuarios |= {u.pk: u for u in Usuario.objects.filter(pk__in=faltan)}

    def _leer_parejas(self, claves: set[str]) -> None:
        if claves:
            filas = Conversacion.objects.filter(clave_pareja__in=claves)
            self.parejas = {f.clave_pareja or "": f for f in filas}
        if self.parejas:
            self._sumar_participantes(Q(conversacion__in=[f.pk for f in self.parejas.values()]))

    def releer_previos(self) -> None:
        """Los que otro proceso confirmó después del vistazo; una vez por lote."""
        self.previos |= leer_previos(self._por_releer)
        self._por_releer = set()

    def sumar(self, fila: Model) -> None:
        """Una fila nueva queda a mano para las órdenes que siguen."""
        match fila:
            case Conversacion():
                self.conversaciones[fila.pk] = fila
                if fila.clave_pareja:
                    self.parejas[fila.clave_pareja] = fila
            case Participante():
                self.participantes[fila.conversacion_id, fila.usuario_id] = fila
            case Mensaje():
                self.mensajes[fila.pk] = fila
                if fila.remitente_id and fila.id_cliente:
                    self.previos[fila.remitente_id, fila.id_cliente] = fila
            case Reaccion():
                self.reacciones[fila.mensaje_id][fila.usuario_id] = fila

    def quitar(self, fila: Model) -> None:
        """Una fila que se borra deja de estar a mano."""
        match fila:
            case Reaccion():
                del self.reacciones[fila.mensaje_id][fila.usuario_id]
