"""Lo que se presenta de cada modelo, lo lleve un modelo o una fila ligera que se le parezca.

Los tipos de cada atributo son los del modelo del mismo nombre.
"""

from __future__ import annotations

from typing import Any, Protocol


class DatosDePersona(Protocol):
    """Lo que se presenta de un usuario."""

    id: Any
    username: Any
    nombre: Any
    apellido: Any
    avatar_url: Any


class DatosDePersonaVista(DatosDePersona, Protocol):
    """Lo que se presenta de un usuario a quien lo busca o lo mira."""

    es_experto: Any
    ultima_conexion: Any


class DatosDeReaccion(Protocol):
    id: Any
    usuario_id: Any
    tipo: Any
    fecha: Any


class Cursores(Protocol):
    """De un participante, hasta dónde recibió y leyó, y hasta dónde los demás."""

    id: Any
    conversacion_id: Any
    usuario_id: Any
    entregado_hasta: Any
    leido_hasta: Any
    entregado_por_todos: Any
    leido_por_todos: Any


class DatosDeCita(Protocol):
    """Lo que se presenta del mensaje al que otro responde."""

    id: Any
    texto: Any
    remitente: Any

    @property
    def retirado(self) -> bool: ...


class DatosDeMensaje(Protocol):
    """Lo que se presenta de un mensaje, con `remitente` y `respuesta_a` (y el suyo) cargados."""

    id: Any
    conversacion_id: Any
    remitente_id: Any
    remitente: Any
    texto: Any
    tipo: Any
    archivo: Any
    metadatos: Any
    menciones: Any
    respuesta_a: Any
    prioridad: Any
    fallido: Any
    secuencia: Any
    secuencia_cambio: Any
    id_cliente: Any
    fecha_envio: Any
    editado: Any
    fecha_edicion: Any
    historial: Any
    eliminado: Any
    fecha_eliminacion: Any
    eliminado_por: Any
    razon_eliminacion: Any
    oculto: Any
    fecha_ocultacion: Any
    oculto_por: Any
    razon_ocultacion: Any
    fijado: Any
    fecha_fijado: Any
    fijado_por: Any

    @property
    def versiones(self) -> Any:
        """Cuántas hay en el historial, aunque no estén todas a mano."""

    @property
    def retirado(self) -> bool: ...


class DatosDeParticipante(Protocol):
    """Lo que se presenta de un participante, con su `usuario` cargado."""

    usuario_id: Any
    usuario: Any
    rol: Any
    fecha_ingreso: Any
    activo: Any
    puede_enviar: Any
    puede_eliminar: Any
    puede_moderar: Any
    entregado_hasta: Any
    leido_hasta: Any
    enviados: Any
    enviados_leidos: Any
    retirados_sin_leer: Any
    silenciada_hasta: Any
    anclada: Any
    archivada: Any


class DatosDeConversacion(Protocol):
    """Lo que se presenta de una conversación, además de sus participantes."""

    id: Any
    codigo: Any
    tipo: Any
    asesoria: Any
    nombre_personalizado: Any
    descripcion: Any
    avatar: Any
    configuracion_privacidad: Any
    notificaciones_activas: Any
    activa: Any
    fecha_creacion: Any
    fecha_ultima_actividad: Any
    ultimo_mensaje: Any
    ultima_secuencia: Any
    ultimo_cambio: Any


class DatosDeArchivo(Protocol):
    """Lo que se presenta de un archivo subido."""

    id: Any
    nombre: Any
    tipo: Any
    clase: Any
    tamano: Any
    datos: Any
    estado: Any


class DatosDeNotificacion(Protocol):
    id: Any
    tipo: Any
    titulo: Any
    mensaje: Any
    icono: Any
    datos: Any
    acciones: Any
    leida: Any
    fecha: Any
