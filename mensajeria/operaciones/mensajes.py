"""Enviar, editar y eliminar mensajes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from mensajeria import presentacion
from mensajeria.entre_procesos import limites
from mensajeria.errores import CodigoError, ErrorMensajeria, no_existe, sin_permiso
from mensajeria.models import Mensaje, Participante
from mensajeria.operaciones.lote import Anuncio, Lote, Presentados
from mensajeria.operaciones.orden import Actor, Orden
from mensajeria.presentacion import Entorno
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import EditarMensaje, EliminarMensaje, EnviarMensaje
from mensajeria.protocolo.tipos import iso

PLAZO_DE_EDICION = timedelta(minutes=15)
MAX_EDICIONES = 20


def enviar(lote: Lote, orden: Orden) -> empujes.MensajeEnviado:
    """Guarda un mensaje y anuncia `nuevo_mensaje`; un reintento devuelve el primer acuse."""
    carga: EnviarMensaje = orden.carga  # type: ignore[assignment]
    actor = orden.actor
    huella = _huella(carga)
    if carga.id_cliente and (previo := lote.previos.get((actor.usuario_id, carga.id_cliente))):
        return _acuse_repetido(lote, previo, huella)
    participante = lote.participante(carga.conversacion_id, actor)
    conversacion = lote.abierta(carga.conversacion_id)
    if not participante.puede_enviar:
        raise sin_permiso("Sin permisos para enviar")
    citado = _citado(lote, carga)
    if not orden.contada:
        limites.gastar_mensaje(actor.usuario_id)
        orden.contada = True

    conversacion.ultima_secuencia += 1
    conversacion.fecha_ultima_actividad = conversacion.ultimo_mensaje = lote.ahora
    participante.enviados += 1
    lote.cursor_cambiado(participante)
    contenido = carga.contenido
    fila = Mensaje(
        conversacion=conversacion,
        remitente=participante.usuario,
        texto=contenido.texto,
        tipo=_tipo(carga),
        archivo=_archivo(carga),
        metadatos=contenido.metadatos or {},
        respuesta_a=citado,
        prioridad=carga.prioridad,
        secuencia=conversacion.ultima_secuencia,
        secuencia_cambio=lote.siguiente_cambio(conversacion),
        numero_de_remitente=participante.enviados,
        id_cliente=carga.id_cliente,
        huella=huella,
        fecha_envio=lote.ahora,
        socket_id=actor.conexion,
        ip=actor.ip[:45],
        agente=actor.agente[:256],
    )
    lote.nuevo_mensaje(fila)
    _anunciar_nuevo(lote, fila, participante)
    return _acuse(fila, participante)


def _huella(carga: EnviarMensaje) -> str:
    """Resumen de lo que se guardaría: lo mismo dicho de otro modo da lo mismo."""
    cuerpo = (
        carga.conversacion_id,
        carga.contenido.texto,
        _tipo(carga),
        _archivo(carga),
        carga.contenido.metadatos or {},
        carga.respuesta_a,
        carga.prioridad,
    )
    crudo = msgspec.json.encode(cuerpo, order="deterministic")
    return hashlib.blake2s(crudo, digest_size=16).hexdigest()


def _tipo(carga: EnviarMensaje) -> str:
    return carga.tipo or carga.contenido.tipo or "texto"


def _archivo(carga: EnviarMensaje) -> dict[str, object] | None:
    archivo = carga.contenido.archivo
    if archivo is None:
        return None
    return {
        "nombre": archivo.nombre,
        "url": archivo.url,
        "tamano": archivo.tamano,
        "tipo": archivo.tipo,
    }


def _citado(lote: Lote, carga: EnviarMensaje) -> Mensaje | None:
    if carga.respuesta_a is None:
        return None
    citado = lote.mensajes.get(carga.respuesta_a)
    if citado is None or citado.conversacion_id != carga.conversacion_id:
        raise no_existe("respuestaA")
    return citado


def _acuse(fila: Mensaje, remitente: Participante | None) -> empujes.MensajeEnviado:
    return empujes.MensajeEnviado(
        mensaje_id=fila.pk,
        conversacion_id=fila.conversacion_id,
        estado=presentacion.estado_de(fila, remitente),
        secuencia=fila.secuencia,
        secuencia_cambio=fila.secuencia_cambio,
        id_cliente=fila.id_cliente,
    )


def _acuse_repetido(lote: Lote, previo: Mensaje, huella: str) -> empujes.MensajeEnviado:
    if previo.huella != huella:
        raise ErrorMensajeria(
            CodigoError.CONFLICT, "Ese idCliente ya se usó para otro mensaje", campo="idCliente"
        )
    clave = (previo.conversacion_id, previo.remitente_id or "")
    return _acuse(previo, lote.participantes.get(clave))


def _anunciar_nuevo(lote: Lote, fila: Mensaje, remitente: Participante) -> None:
    # Se presenta ya: lo que otra orden del mismo lote le haga después tiene su propio anuncio.
    empuje = empujes.NuevoMensaje(
        conversacion_id=fila.conversacion_id,
        secuencia_cambio=fila.secuencia_cambio,
        mensaje=presentacion.mensaje(fila, Entorno([remitente])),
    )
    lote.anunciar_cambio(fila.conversacion, lambda _: empuje)


def editar(lote: Lote, orden: Orden) -> Anuncio:
    """Cambia el texto y guarda el anterior; solo quien lo escribió y dentro del plazo."""
    carga: EditarMensaje = orden.carga  # type: ignore[assignment]
    fila = lote.mensaje_visible(carga.mensaje_id, orden.actor)
    participante = lote.participante(fila.conversacion_id, orden.actor)
    conversacion = lote.abierta(fila.conversacion_id)
    if fila.remitente_id != orden.actor.usuario_id or not participante.puede_enviar:
        raise sin_permiso("Sin permisos para editar este mensaje")
    _editable(fila, lote.ahora)

    anterior = {"texto": fila.texto, "fecha": iso(fila.fecha_edicion or fila.fecha_envio)}
    fila.historial = [*fila.historial, anterior]
    fila.texto, fila.editado, fila.fecha_edicion = carga.texto, True, lote.ahora
    fila.secuencia_cambio = cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_editado(fila)

    def hacer(presentados: Presentados) -> empujes.MensajeEditado:
        return empujes.MensajeEditado(
            conversacion_id=conversacion.pk,
            secuencia_cambio=cambio,
            mensaje=presentados.mensajes[fila.pk],
        )

    return lote.anunciar_cambio(conversacion, hacer, mensaje=fila)


def _editable(fila: Mensaje, ahora: datetime) -> None:
    if fila.retirado:
        raise ErrorMensajeria(CodigoError.CONFLICT, "El mensaje ya está eliminado")
    if ahora - fila.fecha_envio > PLAZO_DE_EDICION:
        raise ErrorMensajeria(CodigoError.EDIT_WINDOW_CLOSED)
    if len(fila.historial) >= MAX_EDICIONES:
        raise ErrorMensajeria(
            CodigoError.EDIT_WINDOW_CLOSED, f"Un mensaje se edita {MAX_EDICIONES} veces como mucho"
        )


def eliminar(lote: Lote, orden: Orden) -> Anuncio | empujes.MensajeEliminado:
    """Deja una lápida: sin contenido, sin historial y sin reacciones. Repetirlo no cambia nada."""
    carga: EliminarMensaje = orden.carga  # type: ignore[assignment]
    actor = orden.actor
    fila = lote.mensaje_visible(carga.mensaje_id, actor)
    if not _puede_eliminar(lote, fila, actor):
        raise sin_permiso("Sin permisos para eliminar este mensaje")
    # Para los participantes uno oculto ya es una lápida, y su contenido lo guarda la moderación.
    if fila.eliminado if actor.personal else fila.retirado:
        if actor.personal:
            raise ErrorMensajeria(CodigoError.CONFLICT, "El mensaje ya está eliminado")
        return empujes.MensajeEliminado(
            conversacion_id=fila.conversacion_id,
            secuencia_cambio=fila.secuencia_cambio,
            mensaje_id=fila.pk,
        )
    conversacion = lote.conversaciones[fila.conversacion_id]
    fila.texto, fila.archivo, fila.metadatos, fila.historial = "", None, {}, []
    fila.eliminado, fila.fecha_eliminacion = True, lote.ahora
    # Sin actor, lo pidió una orden de consola.
    fila.eliminado_por, fila.razon_eliminacion = actor.usuario_id or None, carga.razon
    fila.secuencia_cambio = lote.siguiente_cambio(conversacion)
    lote.mensaje_eliminado(fila)
    empuje = empujes.MensajeEliminado(
        conversacion_id=conversacion.pk,
        secuencia_cambio=fila.secuencia_cambio,
        mensaje_id=fila.pk,
    )
    return lote.anunciar_cambio(conversacion, lambda _: empuje)


def _puede_eliminar(lote: Lote, fila: Mensaje, actor: Actor) -> bool:
    if actor.personal or fila.remitente_id == actor.usuario_id:
        return True
    participante = lote.participante(fila.conversacion_id, actor)
    return participante.puede_moderar or participante.puede_eliminar
