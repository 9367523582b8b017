"""Un lote: lo que sus órdenes deciden en memoria, en su orden, y se guarda y anuncia junto.

Carga (`filas`) → decide (los verbos, con lo que hay aquí) → guarda (`por_guardar`) → anuncia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings

from mensajeria import presentacion
from mensajeria.difusion.sobre import Alcance
from mensajeria.filas import (
    ConversacionLigera,
    Fila,
    MensajeLigero,
    NovedadLigera,
    ParticipanteLigero,
    ReaccionLigera,
)
from mensajeria.models import Notificacion, ahora
from mensajeria.ordenes.almacen import Subida
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.filas import Filas
from mensajeria.ordenes.orden import Actor
from mensajeria.ordenes.por_guardar import Guardable, PorGuardar
from mensajeria.protocolo.empujes import Cambio, Empuje
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_existe

AlSubir = Callable[["Lote", Subida], None]


class Lote:
    """Lo que tienen a mano los verbos, y lo que dejan por guardar y por anunciar.

    `epoca`: la que se sabía antes de leer las filas.
    """

    def __init__(self, filas: Filas, epoca: str) -> None:
        self.ahora = ahora()
        self.epoca = epoca
        self.filas = filas
        self.por_guardar = PorGuardar()
        self.anuncios: list[Anuncio] = []
        self._numeradas: dict[str, ConversacionLigera] = {}
        self._al_subir: dict[str, AlSubir] = {}
        self._por_avisar: dict[str, list[int]] = {}
        self._notificadas: list[str] = []
        self._retirados: dict[str, list[int]] = {}
        self._editados: dict[str, list[int]] = {}
        # Quién leyó, qué conversación y hasta dónde.
        self.leyeron: list[tuple[str, str, int]] = []

    # Decidir

    def participante(self, conversacion_id: str, actor: Actor) -> ParticipanteLigero:
        """La fila del actor si participa y está activo; si no, NOT_FOUND."""
        fila = self.filas.participantes.get((conversacion_id, actor.usuario_id))
        if fila is None or not fila.activo or not fila.usuario.is_active:
            raise no_existe("conversacionId")
        return fila

    def abierta(self, conversacion_id: str) -> ConversacionLigera:
        """La conversación, si admite cambios; si no, CONVERSATION_CLOSED."""
        fila = self.filas.conversaciones[conversacion_id]
        if not fila.activa:
            raise ErrorMensajeria(CodigoError.CONVERSATION_CLOSED)
        return fila

    def mensaje_visible(self, mensaje_id: str, actor: Actor) -> MensajeLigero:
        """El mensaje, si el actor participa en su conversación o es personal; si no, NOT_FOUND."""
        fila = self.filas.mensajes.get(mensaje_id)
        if fila is None:
            raise no_existe("mensajeId")
        if not actor.personal:
            try:
                self.participante(fila.conversacion_id, actor)
            except ErrorMensajeria:
                raise no_existe("mensajeId") from None
        return fila

    def activos(self, conversacion: ConversacionLigera) -> list[ParticipanteLigero]:
        """Los participantes activos; completo solo si la orden nombró a `todos`."""
        todos = self.filas.participantes.items()
        return [p for (c, _), p in todos if c == conversacion.id and p.activo]

    # Cambiar

    def crear(self, fila: Guardable) -> None:
        """Una fila nueva: ligera o, de lo que no es caliente, una instancia de su modelo."""
        self.filas.sumar(fila)
        self.por_guardar.crear(fila)

    def cambiar(self, fila: Fila, *campos: str) -> None:
        """Esos campos de la fila, ya puestos, se guardan con el lote."""
        self.por_guardar.cambiar(fila, campos)

    def borrar(self, fila: ReaccionLigera) -> None:
        self.filas.quitar(fila)
        self.por_guardar.borrar(fila)

    def sin_reacciones(self, fila: MensajeLigero) -> None:
        """Que no le quede ninguna, estén a mano o no."""
        self.por_guardar.sin_reacciones.append(fila.id)

    def sin_archivo(self, fila: MensajeLigero) -> None:
        """El que se subió para él sobra: sus bytes se borrarán."""
        self.por_guardar.sin_archivo.append(fila.id)

    def retirar(self, fila: MensajeLigero) -> None:
        """Deja de contar para quien no lo había leído."""
        guardar = self.por_guardar
        self._retirados.setdefault(fila.conversacion_id, []).append(fila.secuencia)
        (guardar.devueltos.remove if fila.id in guardar.devueltos else guardar.retirados.add)(
            fila.id
        )

    def editar(self, fila: MensajeLigero) -> None:
        """Lo que ya se avisó de él dirá lo de ahora."""
        self._editados.setdefault(fila.conversacion_id, []).append(fila.secuencia)

    def devolver(self, fila: MensajeLigero) -> None:
        """Lo retirado vuelve a contar."""
        guardar = self.por_guardar
        (guardar.retirados.remove if fila.id in guardar.retirados else guardar.devueltos.add)(
            fila.id
        )

    def numerar(self, fila: ConversacionLigera | MensajeLigero | ParticipanteLigero) -> None:
        """Lo que se le está haciendo toma el siguiente número de cambio de su conversación."""
        suya = fila if isinstance(fila, ConversacionLigera) else self._conversacion_de(fila)
        suya.ultimo_cambio += 1
        self._numeradas[suya.id] = suya
        self.cambiar(suya, "ultimo_cambio")
        fila.secuencia_cambio = suya.ultimo_cambio
        self.cambiar(fila, "secuencia_cambio")

    def _conversacion_de(self, fila: MensajeLigero | ParticipanteLigero) -> ConversacionLigera:
        return self.filas.conversaciones[fila.conversacion_id]

    def contar_propios(self, participante: ParticipanteLigero, *, a_medias: bool) -> None:
        """Leyó; `a_medias`, si no llega al último mensaje: al guardar se cuenta lo que cubre."""
        por_contar = self.por_guardar.a_medias
        (por_contar.add if a_medias else por_contar.discard)(participante.id)

    def subir_pisos(self, conversacion: ConversacionLigera, al_subir: AlSubir) -> None:
        """Alguien avanzó o salió; guardado todo, `al_subir` anuncia cada piso que suba con ello."""
        self.por_guardar.pisos.add(conversacion.id)
        self._al_subir[conversacion.id] = al_subir

    def tocar_usuario(self, usuario_id: str) -> None:
        """Sube su versión: los procesos con conexiones suyas miran qué cambió."""
        self.por_guardar.tocados.add(usuario_id)

    # Avisar a quien no está

    def por_avisar(self, mensaje: MensajeLigero) -> None:
        """A quien no mire su conversación habrá que avisarle; a quién, se decide ya confirmado."""
        tramo = self._por_avisar.setdefault(mensaje.conversacion_id, [mensaje.secuencia] * 2)
        tramo[1] = mensaje.secuencia

    def por_notificar(self, notificacion: Notificacion) -> None:
        """Saldrá también a los dispositivos de su dueño."""
        self._notificadas.append(notificacion.id)

    # Anunciar

    def anunciar(
        self,
        tipo: type[Empuje],
        conversacion: ConversacionLigera,
        /,
        *,
        miembros: Mapping[str, bool | None] | None = None,
        nombrados: Sequence[str] = (),
        salvo_conexion: str = "",
        **campos: Any,
    ) -> Anuncio:
        """Un evento de la conversación para quien esté unido a ella, o para todos sus miembros.

        Un `Cambio` lleva el número que acaba de dar `numerar`. `miembros` dice quién
        cambia de sitio con él (véase `Sobre`); dado, aunque no nombre a nadie, va a los miembros.
        En `campos` vale una fila: se presenta con todo el lote hecho, y una conversación, con la
        cuenta de no leídos de cada cual y, aunque sea numerosa, con los `nombrados`.
        """
        destino: dict[str, Any] = {"conversacion": conversacion.id}
        campos["conversacion_id"] = conversacion.id
        if issubclass(tipo, Cambio):
            campos["secuencia_cambio"] = destino["cambio"] = conversacion.ultimo_cambio
            destino["secuencia"] = conversacion.ultima_secuencia
        if salvo_conexion:
            destino["salvo_conexion"] = salvo_conexion
        if miembros is not None:
            destino["miembros"] = dict(miembros)
        if "conversacion" in campos:
            destino["no_leidos"] = self._no_leidos(conversacion)
        alcance = Alcance.UNIDOS if miembros is None else Alcance.MIEMBROS
        return self._sumar(Anuncio(tipo, campos, alcance, destino, nombrados))

    def avisar(
        self,
        tipo: type[Empuje],
        usuario_id: str,
        /,
        **campos: Any,
    ) -> Anuncio:
        """Un evento para todas las conexiones de una persona."""
        destino = {"usuarios": [usuario_id]}
        return self._sumar(Anuncio(tipo, campos, Alcance.USUARIOS, destino))

    def _sumar(self, anuncio: Anuncio) -> Anuncio:
        self.anuncios.append(anuncio)
        return anuncio

    def _no_leidos(self, conversacion: ConversacionLigera) -> dict[str, int]:
        return {
            p.usuario_id: max(
                0, presentacion.sin_leer(p, conversacion.ultima_secuencia) - self._recien(p)
            )
            for p in self.activos(conversacion)
        }

    def _recien(self, p: ParticipanteLigero) -> int:
        """Los retirados que le faltaban por leer y en su fila aún no cuentan: son de este lote."""
        retirados, devueltos = (
            sum(
                m.conversacion_id == p.conversacion_id
                and m.secuencia > p.leido_hasta
                and m.remitente_id != p.usuario_id
                for m in map(self.filas.mensajes.__getitem__, ids)
            )
            for ids in (self.por_guardar.retirados, self.por_guardar.devueltos)
        )
        return retirados - devueltos

    def anunciar_subidas(self, subidas: Sequence[Subida]) -> None:
        """Las que supo el almacén al guardar."""
        for subida in subidas:
            self._al_subir[subida.conversacion_id](self, subida)

    def dejar_dicho(self) -> None:
        """Qué han de mirar los procesos a los que no les llegue el aviso."""
        cambios = {id_: fila.ultimo_cambio for id_, fila in self._numeradas.items()}
        tocados = sorted(self.por_guardar.tocados)
        if not cambios and not tocados:
            return
        avisos = self._avisos()
        self.crear(
            NovedadLigera(
                conversaciones=cambios, usuarios=tocados, avisos=avisos, por_avisar=bool(avisos)
            )
        )

    def _avisos(self) -> dict[str, Any]:
        if settings.AVISOS == "no":
            return {}
        avisos = {
            "mensajes": self._por_avisar,
            "notificaciones": self._notificadas,
            "retirados": self._retirados,
            "editados": self._editados,
        }
        return {que: cuales for que, cuales in avisos.items() if cuales}
