"""Recibos, de entrega y de lectura: acumulativos, solo hacia delante."""

from __future__ import annotations

from mensajeria import models
from mensajeria.filas import ConversacionLigera, LecturaLigera, MensajeLigero, ParticipanteLigero
from mensajeria.models import nuevo_id
from mensajeria.ordenes.almacen import Subida
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import MarcarEntregado, MarcarLeido
from mensajeria.protocolo.errores import no_existe
from mensajeria.protocolo.tipos import Estado

Clase = models.Lectura.Clase


def leer(lote: Lote, orden: Orden[MarcarLeido]) -> None:
    """Lee hasta un mensaje, o toda la conversación. Leer implica haber recibido."""
    mensaje = _hasta_cual(lote, orden)
    de = mensaje.conversacion_id if mensaje else orden.carga.conversacion_id
    assert de is not None
    participante = lote.participante(de, orden.actor)
    conversacion = lote.filas.conversaciones[de]
    hasta = mensaje.secuencia if mensaje else conversacion.ultima_secuencia
    _recibir(lote, participante, hasta)
    if hasta <= participante.leido_hasta:
        return
    _apuntar(lote, participante, Clase.LEIDO, participante.leido_hasta, hasta)
    participante.leido_hasta = hasta
    if hasta == conversacion.ultima_secuencia:
        participante.enviados_leidos = participante.enviados
        participante.retirados_sin_leer = 0
    lote.cambiar(participante, "leido_hasta", "enviados_leidos", "retirados_sin_leer")
    lote.contar_propios(participante, a_medias=hasta < conversacion.ultima_secuencia)
    avanzar_pisos(lote, conversacion)
    lote.leyeron.append((participante.usuario_id, conversacion.id, hasta))
    _anunciar_lectura(lote, orden, conversacion, hasta)


def _hasta_cual(lote: Lote, orden: Orden[MarcarLeido]) -> MensajeLigero | None:
    carga = orden.carga
    if carga.conversacion_id is not None:
        lote.participante(carga.conversacion_id, orden.actor)
    if carga.mensaje_id is None:
        return None
    fila = lote.mensaje_visible(carga.mensaje_id, orden.actor)
    if carga.conversacion_id not in (None, fila.conversacion_id):
        raise no_existe("mensajeId")
    return fila


LEER = Verbo(
    MarcarLeido,
    leer,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id, mensaje=o.carga.mensaje_id),
)


def _anunciar_lectura(
    lote: Lote, orden: Orden[MarcarLeido], conversacion: ConversacionLigera, hasta: int
) -> None:
    """Hasta un mensaje, a todos; la conversación entera, a las demás conexiones."""
    quien, mensaje_id = orden.actor, orden.carga.mensaje_id
    if mensaje_id is not None:
        lote.anunciar(
            empujes.MensajeLeido, conversacion, leido_por=quien.usuario_id, mensaje_id=mensaje_id
        )
        return
    lote.anunciar(
        empujes.TodosMensajesLeidos,
        conversacion,
        salvo_conexion=quien.conexion,
        leido_por=quien.usuario_id,
        hasta_secuencia=hasta,
    )


def entregar(lote: Lote, orden: Orden[MarcarEntregado]) -> None:
    """El cliente recibió hasta `hastaSecuencia`; lo que aún no existe no cuenta, ni otra época."""
    carga = orden.carga
    participante = lote.participante(carga.conversacion_id, orden.actor)
    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    hasta = min(carga.hasta_secuencia, conversacion.ultima_secuencia)
    if carga.epoca not in (None, lote.epoca):
        return
    if _recibir(lote, participante, hasta):
        avanzar_pisos(lote, conversacion)


ENTREGAR = Verbo(
    MarcarEntregado,
    entregar,
    nombra=lambda o: Nombra(conversacion=o.carga.conversacion_id),
)


def _recibir(lote: Lote, participante: ParticipanteLigero, hasta: int) -> bool:
    if hasta <= participante.entregado_hasta:
        return False
    _apuntar(lote, participante, Clase.ENTREGADO, participante.entregado_hasta, hasta)
    participante.entregado_hasta = hasta
    lote.cambiar(participante, "entregado_hasta")
    return True


def _apuntar(
    lote: Lote,
    participante: ParticipanteLigero,
    clase: models.Lectura.Clase,
    desde: int,
    hasta: int,
) -> None:
    fila = LecturaLigera(
        id=nuevo_id(),
        participante_id=participante.id,
        clase=clase,
        desde=desde,
        hasta=hasta,
        fecha=lote.ahora,
    )
    lote.crear(fila)
    lote.filas.anotar_recibo(participante, fila)


def avanzar_pisos(lote: Lote, conversacion: ConversacionLigera) -> None:
    """Quizá sube hasta dónde recibieron y leyeron *los demás*; se avisa a quien le suba, una vez.

    Sin ningún otro activo el piso se queda donde estaba: el estado nunca retrocede.
    """
    lote.subir_pisos(conversacion, _avisar)


def _avisar(lote: Lote, subida: Subida) -> None:
    """Lo leído se recibió: de lo recibido se avisa aparte solo si llega más allá, y antes."""
    s = subida
    mas_alla = s.entregado > s.leido and (s.secuencia_entregado or 0) > s.entregado_antes
    if mas_alla and s.ultimo_entregado:
        _actualizado(lote, s, s.ultimo_entregado, s.entregado, "entregado")
    if (s.secuencia_leido or 0) > s.leido_antes and s.ultimo_leido:
        _actualizado(lote, s, s.ultimo_leido, s.leido, "leido")


def _actualizado(lote: Lote, subida: Subida, mensaje_id: str, hasta: int, estado: Estado) -> None:
    lote.avisar(
        empujes.MensajeActualizado,
        subida.usuario_id,
        conversacion_id=subida.conversacion_id,
        mensaje_id=mensaje_id,
        hasta_secuencia=hasta,
        estado=estado,
    )
