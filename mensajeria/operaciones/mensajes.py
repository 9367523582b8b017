"""Enviar, editar y eliminar mensajes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec

from mensajeria import presentacion
from mensajeria.filas import ArchivoLigero, ConversacionLigera, MensajeLigero, ParticipanteLigero
from mensajeria.models import nuevo_id
from mensajeria.operaciones import archivos
from mensajeria.operaciones.fijados import dejar_sin_fijar
from mensajeria.operaciones.historia import entrada
from mensajeria.operaciones.menciones import menciones, puede_nombrar
from mensajeria.ordenes.anuncios import Anuncio
from mensajeria.ordenes.lote import Lote
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.ordenes.verbo import Verbo
from mensajeria.presentacion import Entorno
from mensajeria.protocolo import empujes
from mensajeria.protocolo.cargas import EditarMensaje, EliminarMensaje, EnviarMensaje
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, exigir_envio, sin_permiso
from mensajeria.protocolo.tipos import iso

PLAZO_DE_EDICION = timedelta(minutes=15)
MAX_EDICIONES = 20


def enviar(lote: Lote, orden: Orden[EnviarMensaje]) -> empujes.MensajeEnviado:
    """Guarda un mensaje y anuncia `nuevo_mensaje`; un reintento devuelve el primer acuse."""
    carga, actor = orden.carga, orden.actor
    if (previo := _previo(lote, orden)) is not None:
        orden.repetida = True
        return _acuse_repetido(lote, previo, carga)
    participante = _remitente(lote, carga, actor)
    citado = _citado(lote, carga)
    archivo = archivos.por_enviar(lote, carga, actor)

    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    conversacion.ultima_secuencia += 1
    conversacion.fecha_ultima_actividad = conversacion.ultimo_mensaje = lote.ahora
    lote.cambiar(conversacion, "ultima_secuencia", "fecha_ultima_actividad", "ultimo_mensaje")
    participante.enviados += 1
    lote.cambiar(participante, "enviados")
    fila = _fila(lote, orden, participante, citado, archivo)
    lote.crear(fila)
    if archivo is not None:
        archivos.dar_por_enviado(lote, archivo, fila)
    lote.numerar(fila)
    fila.cambio_de_envio = fila.secuencia_cambio
    # Se presenta ya: lo que otra orden del mismo lote le haga después tiene su propio anuncio.
    forma = presentacion.mensaje(fila, Entorno([participante]))
    lote.anunciar(empujes.NuevoMensaje, conversacion, mensaje=forma)
    lote.por_avisar(fila)
    return _acuse(carga, fila, participante, fila.secuencia_cambio)


ENVIAR = Verbo(
    EnviarMensaje,
    enviar,
    nombra=lambda o: Nombra(
        conversacion=o.carga.conversacion_id,
        cita=o.carga.respuesta_a,
        previo=o.carga.id_cliente,
        archivo=o.carga.archivo_subido,
        todos=puede_nombrar(o.carga.contenido.texto),
    ),
    limitado=True,
    de_memoria=True,
)


def _fila(
    lote: Lote,
    orden: Orden[EnviarMensaje],
    remitente: ParticipanteLigero,
    citado: MensajeLigero | None,
    archivo: ArchivoLigero | None,
) -> MensajeLigero:
    """Con el número de mensaje que acaba de tomar su conversación; el de cambio, al numerarla."""
    carga, actor = orden.carga, orden.actor
    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    return MensajeLigero(
        id=nuevo_id(),
        conversacion_id=conversacion.id,
        remitente_id=remitente.usuario_id,
        remitente=remitente.usuario,
        texto=carga.contenido.dicho,
        tipo=carga.clase_dicha or (archivo.clase if archivo else carga.clase),
        archivo=archivos.en_el_mensaje(archivo) if archivo else _de_fuera(carga),
        metadatos=carga.contenido.metadatos or {},
        menciones=_menciones(lote, conversacion, carga.contenido.dicho),
        respuesta_a_id=citado.id if citado else None,
        respuesta_a=citado,
        prioridad=carga.urgencia,
        secuencia=conversacion.ultima_secuencia,
        numero_de_remitente=remitente.enviados,
        id_cliente=carga.id_cliente,
        # Sin `idCliente` no habrá reintento con el que compararla.
        huella=_huella(carga) if carga.id_cliente else "",
        fecha_envio=lote.ahora,
        socket_id=actor.conexion,
        ip=actor.ip[:45],
        agente=actor.agente[:256],
    )


def _menciones(lote: Lote, conversacion: ConversacionLigera, texto: str) -> list[str]:
    return menciones(texto, lote.activos(conversacion)) if puede_nombrar(texto) else []


def _huella(carga: EnviarMensaje) -> str:
    """Resumen de lo que se guardaría: lo mismo dicho de otro modo da lo mismo."""
    cuerpo = (
        carga.conversacion_id,
        carga.contenido.dicho,
        carga.clase,
        carga.archivo_subido or _de_fuera(carga),
        carga.contenido.metadatos or {},
        carga.respuesta_a,
        carga.urgencia,
    )
    crudo = msgspec.json.encode(cuerpo, order="deterministic")
    return hashlib.blake2s(crudo, digest_size=16).hexdigest()


def _de_fuera(carga: EnviarMensaje) -> dict[str, str | int | None] | None:
    archivo = carga.contenido.archivo
    return archivo.guardado() if archivo is not None else None


def _previo(lote: Lote, orden: Orden[EnviarMensaje]) -> MensajeLigero | None:
    return lote.filas.previos.get((orden.actor.usuario_id, orden.carga.id_cliente or ""))


def _remitente(lote: Lote, carga: EnviarMensaje, actor: Actor) -> ParticipanteLigero:
    participante = lote.participante(carga.conversacion_id, actor)
    conversacion = lote.filas.conversaciones[carga.conversacion_id]
    exigir_envio(abierta=conversacion.activa, puede_enviar=participante.puede_enviar)
    return participante


def _citado(lote: Lote, carga: EnviarMensaje) -> MensajeLigero | None:
    """El de la misma conversación; sin él se envía igual, y el acuse lo dice."""
    citado = lote.filas.mensajes.get(carga.respuesta_a or "")
    if citado is None or citado.conversacion_id != carga.conversacion_id:
        return None
    return citado


_SIN_CITA = empujes.Advertencia(
    code=CodigoError.NOT_FOUND,
    message="El mensaje al que respondías no está: se envió sin citarlo",
    campo="respuestaA",
)


def _acuse(
    carga: EnviarMensaje,
    fila: MensajeLigero,
    remitente: ParticipanteLigero | None,
    secuencia_cambio: int,
) -> empujes.MensajeEnviado:
    sin_cita = carga.respuesta_a is not None and fila.respuesta_a_id is None
    return empujes.MensajeEnviado(
        mensaje_id=fila.id,
        conversacion_id=fila.conversacion_id,
        estado=presentacion.estado_de(fila, remitente),
        secuencia=fila.secuencia,
        secuencia_cambio=secuencia_cambio,
        id_cliente=fila.id_cliente,
        advertencias=[_SIN_CITA] if sin_cita else msgspec.UNSET,
    )


def _acuse_repetido(
    lote: Lote, previo: MensajeLigero, carga: EnviarMensaje
) -> empujes.MensajeEnviado:
    if previo.huella != _huella(carga):
        raise ErrorMensajeria(
            CodigoError.CONFLICT, "Ese idCliente ya se usó para otro mensaje", campo="idCliente"
        )
    clave = (previo.conversacion_id, previo.remitente_id or "")
    participante = lote.filas.participantes.get(clave)
    if participante is not None and participante.activo:
        return _acuse(carga, previo, participante, previo.secuencia_cambio)
    # A quien ya no participa, lo mismo que entonces: nada de lo que pasó después.
    salida = participante.secuencia_cambio if participante else 0
    cambio = previo.cambio_de_envio or min(previo.secuencia_cambio, salida)
    return _acuse(carga, previo, None, cambio)


def editar(lote: Lote, orden: Orden[EditarMensaje]) -> Anuncio:
    """Cambia el texto y guarda el anterior; solo quien lo escribió y dentro del plazo."""
    carga = orden.carga
    fila = lote.mensaje_visible(carga.mensaje_id, orden.actor)
    participante = lote.participante(fila.conversacion_id, orden.actor)
    conversacion = lote.abierta(fila.conversacion_id)
    propio = fila.remitente_id == orden.actor.usuario_id and fila.tipo != "sistema"
    if not propio or not participante.puede_enviar:
        raise sin_permiso("Sin permisos para editar este mensaje")
    _editable(fila, lote.ahora)

    anterior = {"texto": fila.texto, "fecha": iso(fila.fecha_edicion or fila.fecha_envio)}
    fila.historial = [*fila.historial, anterior]
    fila.texto, fila.editado, fila.fecha_edicion = carga.texto, True, lote.ahora
    fila.menciones = _menciones(lote, conversacion, carga.texto)
    lote.cambiar(fila, "historial", "texto", "menciones", "editado", "fecha_edicion")
    lote.editar(fila)
    lote.numerar(fila)
    return lote.anunciar(empujes.MensajeEditado, conversacion, mensaje=fila)


EDITAR = Verbo(
    EditarMensaje,
    editar,
    nombra=lambda o: Nombra(
        mensaje=o.carga.mensaje_id, presentado=True, todos=puede_nombrar(o.carga.texto)
    ),
)


def _editable(fila: MensajeLigero, ahora: datetime) -> None:
    if fila.retirado:
        raise ErrorMensajeria(CodigoError.CONFLICT, "El mensaje ya está eliminado")
    if ahora - fila.fecha_envio > PLAZO_DE_EDICION:
        raise ErrorMensajeria(CodigoError.EDIT_WINDOW_CLOSED)
    if len(fila.historial) >= MAX_EDICIONES:
        raise ErrorMensajeria(
            CodigoError.EDIT_WINDOW_CLOSED, f"Un mensaje se edita {MAX_EDICIONES} veces como mucho"
        )


def eliminar(lote: Lote, orden: Orden[EliminarMensaje]) -> Anuncio | empujes.MensajeEliminado:
    """Deja una lápida: sin contenido, sin historial y sin reacciones. Repetirlo no cambia nada."""
    carga, actor = orden.carga, orden.actor
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
            mensaje_id=fila.id,
        )
    if not fila.oculto:
        lote.retirar(fila)
    _enterrar(lote, fila, actor, carga.razon)
    lote.numerar(fila)
    conversacion = lote.filas.conversaciones[fila.conversacion_id]
    return lote.anunciar(empujes.MensajeEliminado, conversacion, mensaje_id=fila.id)


def _enterrar(lote: Lote, fila: MensajeLigero, actor: Actor, razon: str | None) -> None:
    if archivos.es_subido(fila.archivo):
        lote.sin_archivo(fila)
    fila.texto, fila.archivo, fila.metadatos, fila.historial = "", None, {}, []
    fila.menciones = []
    fila.eliminado, fila.fecha_eliminacion = True, lote.ahora
    # Sin actor, lo pidió una orden de consola.
    fila.eliminado_por, fila.razon_eliminacion = actor.usuario_id or None, razon
    lote.cambiar(fila, "texto", "archivo", "metadatos", "menciones", "historial")
    lote.cambiar(fila, "eliminado", "fecha_eliminacion", "eliminado_por", "razon_eliminacion")
    dejar_sin_fijar(lote, fila)
    lote.sin_reacciones(fila)


def _puede_eliminar(lote: Lote, fila: MensajeLigero, actor: Actor) -> bool:
    if actor.personal or fila.remitente_id == actor.usuario_id:
        return True
    participante = lote.participante(fila.conversacion_id, actor)
    return participante.puede_moderar or participante.puede_eliminar


ELIMINAR = Verbo(
    EliminarMensaje,
    eliminar,
    nombra=lambda o: Nombra(mensaje=o.carga.mensaje_id),
    historia=lambda lote, o: entrada(
        o, lote.filas.mensajes[o.carga.mensaje_id], "Mensaje eliminado"
    ),
)
