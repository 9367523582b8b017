"""Filas ligeras: lo que una lectura pide de la base, con los nombres de atributo de los modelos.

Son lo que `presentacion` necesita de un modelo, sin serlo: hacer un modelo por fila cuesta más que
leerla. Cada clase dice sus columnas, en el orden de sus campos.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from mensajeria.consultas.historial import CuantasVersiones, UltimasVersiones


class FilaDePersona(Struct):
    id: str
    username: str
    nombre: str
    apellido: str
    avatar_url: str


_PERSONA = ("_id", "__username", "__nombre", "__apellido", "__avatar_url")


def _de(campo: str) -> tuple[str, ...]:
    return tuple(f"{campo}{c}" for c in _PERSONA)


class FilaCitada(Struct):
    id: str
    texto: str
    retirado: bool
    remitente: FilaDePersona | None


class FilaDeMensaje(Struct):
    remitente: FilaDePersona | None
    respuesta_a: FilaCitada | None
    id: str
    conversacion_id: str
    texto: str
    tipo: str
    archivo: Any
    metadatos: Any
    menciones: Any
    prioridad: str
    fallido: bool
    secuencia: int
    secuencia_cambio: int
    id_cliente: str | None
    fecha_envio: datetime
    editado: bool
    fecha_edicion: datetime | None
    historial: Any
    versiones: int
    eliminado: bool
    fecha_eliminacion: datetime | None
    eliminado_por: str | None
    razon_eliminacion: str | None
    oculto: bool
    fecha_ocultacion: datetime | None
    oculto_por: str | None
    razon_ocultacion: str | None
    fijado: bool
    fecha_fijado: datetime | None
    fijado_por: str | None
    remitente_id: str | None

    @property
    def retirado(self) -> bool:
        return self.eliminado or self.oculto


# Todas menos las de otras tablas; `remitente_id` es ya la primera de su persona.
_PROPIAS = FilaDeMensaje.__struct_fields__[2:-1]
_CITA = ("respuesta_a_id", "respuesta_a__texto", "respuesta_a__eliminado", "respuesta_a__oculto")
# Del historial, solo lo que se presenta en una lista.
_RESUMIDO = {
    "historial": UltimasVersiones("historial"),
    "versiones": CuantasVersiones("historial"),
}
_PRESENTADAS = (_RESUMIDO.get(c, c) for c in _PROPIAS)
DE_MENSAJE = (*_PRESENTADAS, *_de("remitente"), *_CITA, *_de("respuesta_a__remitente"))


def mensajes_de_filas(filas: list[tuple[Any, ...]]) -> list[FilaDeMensaje]:
    """Las de unas tuplas con las columnas `DE_MENSAJE`; cada persona se hace una vez."""
    personas: dict[str, FilaDePersona | None] = {}

    def persona(columnas: tuple[Any, ...]) -> FilaDePersona | None:
        id_, username = columnas[:2]
        if id_ not in personas:
            # En MongoDB puede quedar nombrado quien ya no existe.
            personas[id_] = None if username is None else FilaDePersona(*columnas)
        return personas[id_]

    def citado(columnas: tuple[Any, ...]) -> FilaCitada | None:
        id_, texto, eliminado, oculto, *de_quien = columnas
        if texto is None:
            return None
        return FilaCitada(id_, texto, eliminado or oculto, persona(tuple(de_quien)))

    n = len(_PROPIAS)
    return [FilaDeMensaje(persona(f[n : n + 5]), citado(f[n + 5 :]), *f[: n + 1]) for f in filas]


class FilaDeCursores(Struct):
    """De un participante, hasta dónde recibió y leyó, y hasta dónde los demás."""

    id: str
    conversacion_id: str
    usuario_id: str
    activo: bool
    entregado_hasta: int
    leido_hasta: int
    entregado_por_todos: int
    leido_por_todos: int


DE_CURSORES = FilaDeCursores.__struct_fields__


class FilaDeReaccion(Struct):
    id: str
    usuario_id: str
    tipo: str
    fecha: datetime


class FilaDeUsuario(Struct):
    id: str
    username: str
    nombre: str
    apellido: str
    avatar_url: str
    ultima_conexion: datetime | None


class FilaDePersonaVista(Struct):
    """Lo que se dice de alguien a quien lo busca o lo mira."""

    id: str
    username: str
    nombre: str
    apellido: str
    avatar_url: str
    es_experto: bool
    ultima_conexion: datetime | None


DE_PERSONA_VISTA = FilaDePersonaVista.__struct_fields__


class FilaDeParticipante(Struct):
    usuario: FilaDeUsuario
    conversacion_id: str
    usuario_id: str
    rol: str
    fecha_ingreso: datetime
    activo: bool
    puede_enviar: bool
    puede_eliminar: bool
    puede_moderar: bool
    secuencia_cambio: int
    entregado_hasta: int
    leido_hasta: int
    enviados: int
    enviados_leidos: int
    retirados_sin_leer: int
    silenciada_hasta: datetime | None
    anclada: bool
    archivada: bool


_DE_PARTICIPANTE = FilaDeParticipante.__struct_fields__[1:]
DE_PARTICIPANTE = (*_DE_PARTICIPANTE, *_de("usuario"), "usuario__ultima_conexion")


def participante_de_fila(columnas: tuple[Any, ...]) -> FilaDeParticipante:
    """El de una tupla con las columnas `DE_PARTICIPANTE`."""
    n = len(_DE_PARTICIPANTE)
    return FilaDeParticipante(FilaDeUsuario(*columnas[n:]), *columnas[:n])


class FilaDeConversacion(Struct):
    id: str
    codigo: str
    tipo: str
    asesoria: str | None
    nombre_personalizado: str
    descripcion: str
    avatar: str
    configuracion_privacidad: Any
    notificaciones_activas: bool
    activa: bool
    fecha_creacion: datetime
    fecha_ultima_actividad: datetime
    ultimo_mensaje: datetime | None
    ultima_secuencia: int
    ultimo_cambio: int
    secuencia_cambio: int


DE_CONVERSACION = FilaDeConversacion.__struct_fields__


class FilaDeLaLista(FilaDeConversacion, kw_only=True):
    """La de una conversación en la lista de alguien, que la ancló o no."""

    anclada: bool


class FilaDeNotificacion(Struct):
    id: str
    tipo: str
    titulo: str
    mensaje: str
    icono: str | None
    datos: Any
    acciones: Any
    leida: bool
    fecha: datetime


DE_NOTIFICACION = FilaDeNotificacion.__struct_fields__
