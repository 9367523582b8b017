"""Filas ligeras: una clase por tabla caliente, con los nombres de su modelo y sin nada de él.

Van y vienen de la base por posición: primero las columnas, en el orden del modelo, y luego lo que
cuelga de ellas. El JSON que una base guarda como texto se lee al crearlas.
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db import models as django

from mensajeria import models
from mensajeria.models.campos import buscable_de

F = TypeVar("F", bound="Fila")


class Fila(msgspec.Struct, array_like=True, kw_only=True, eq=False):
    """Base de todas; se distinguen por identidad, como las instancias que se bloquean."""

    id: str

    def __str__(self) -> str:
        return str(como_modelo(self))


class UsuarioLigero(Fila, array_like=True, kw_only=True, eq=False):
    """Lo que de una cuenta miran los verbos y se presenta."""

    username: str
    nombre: str
    apellido: str
    avatar_url: str
    es_experto: bool
    is_active: bool
    is_staff: bool
    is_superuser: bool
    ultima_conexion: datetime | None
    tokens_desde: datetime | None


class ConversacionLigera(Fila, array_like=True, kw_only=True, eq=False):
    codigo: str
    tipo: str
    asesoria: str | None = None
    clave_pareja: str | None = None
    nombre_personalizado: str = ""
    descripcion: str = ""
    avatar: str = ""
    configuracion_privacidad: Any = msgspec.field(default_factory=dict)
    notificaciones_activas: bool = True
    activa: bool = True
    archivada: bool = False
    fecha_creacion: datetime
    fecha_ultima_actividad: datetime
    ultimo_mensaje: datetime | None = None
    ultima_secuencia: int = 0
    ultimo_cambio: int = 0
    secuencia_cambio: int = 0

    def __post_init__(self) -> None:
        if type(self.configuracion_privacidad) is str:
            self.configuracion_privacidad = json.loads(self.configuracion_privacidad)


class ParticipanteLigero(Fila, array_like=True, kw_only=True, eq=False):
    conversacion_id: str
    usuario_id: str
    rol: str
    fecha_ingreso: datetime
    activo: bool = True
    puede_enviar: bool = True
    puede_eliminar: bool = False
    puede_moderar: bool = False
    secuencia_cambio: int = 0
    entregado_hasta: int = 0
    leido_hasta: int = 0
    enviados: int = 0
    enviados_leidos: int = 0
    retirados_sin_leer: int = 0
    entregado_por_todos: int = 0
    leido_por_todos: int = 0
    silenciada_hasta: datetime | None = None
    anclada: bool = False
    archivada: bool = False
    usuario: UsuarioLigero


class MensajeLigero(Fila, array_like=True, kw_only=True, eq=False):
    conversacion_id: str
    remitente_id: str | None
    texto: str = ""
    tipo: str = "texto"
    archivo: Any = None
    metadatos: Any = msgspec.field(default_factory=dict)
    menciones: Any = msgspec.field(default_factory=list)
    respuesta_a_id: str | None = None
    prioridad: str = "normal"
    fallido: bool = False
    secuencia: int
    secuencia_cambio: int = 0
    cambio_de_envio: int = 0
    numero_de_remitente: int = 0
    id_cliente: str | None = None
    huella: str = ""
    fecha_envio: datetime
    editado: bool = False
    fecha_edicion: datetime | None = None
    historial: Any = msgspec.field(default_factory=list)
    eliminado: bool = False
    fecha_eliminacion: datetime | None = None
    eliminado_por: str | None = None
    razon_eliminacion: str | None = None
    oculto: bool = False
    fecha_ocultacion: datetime | None = None
    oculto_por: str | None = None
    razon_ocultacion: str | None = None
    fijado: bool = False
    fecha_fijado: datetime | None = None
    fijado_por: str | None = None
    socket_id: str = ""
    ip: str = ""
    agente: str = ""
    remitente: UsuarioLigero | None = None
    respuesta_a: MensajeLigero | None = None

    def __post_init__(self) -> None:
        if type(self.metadatos) is str:
            self.metadatos = json.loads(self.metadatos)
        if type(self.menciones) is str:
            self.menciones = json.loads(self.menciones)
        if type(self.archivo) is str:
            self.archivo = json.loads(self.archivo)
        if type(self.historial) is str:
            self.historial = json.loads(self.historial)

    @property
    def versiones(self) -> int:
        return len(self.historial)

    @property
    def retirado(self) -> bool:
        """Eliminado u oculto: para los clientes es una lápida."""
        return self.eliminado or self.oculto

    @property
    def buscable(self) -> str:
        """Se guarda con lo demás, y no se lee: sale de ello."""
        return buscable_de(self)


class LecturaLigera(Fila, array_like=True, kw_only=True, eq=False):
    participante_id: str
    clase: str
    desde: int
    hasta: int
    fecha: datetime


class ReaccionLigera(Fila, array_like=True, kw_only=True, eq=False):
    mensaje_id: str
    usuario_id: str
    tipo: str
    fecha: datetime


class ArchivoLigero(Fila, array_like=True, kw_only=True, eq=False):
    usuario_id: str | None
    conversacion_id: str | None
    mensaje_id: str | None
    estado: str
    nombre: str
    tipo: str
    clase: str
    tamano: int
    tamanos: Any
    huella: str
    id_cliente: str | None
    datos: Any
    intentos: int
    fecha: datetime

    def __post_init__(self) -> None:
        if type(self.tamanos) is str:
            self.tamanos = json.loads(self.tamanos)
        if type(self.datos) is str:
            self.datos = json.loads(self.datos)


class NovedadLigera(Fila, array_like=True, kw_only=True, eq=False):
    """Solo se crea; su clave la pone la base."""

    id: int | None = None  # type: ignore[assignment]
    conversaciones: Any
    usuarios: Any
    avisos: Any
    por_avisar: bool


MODELO_DE: dict[type[Fila], type[django.Model]] = {
    UsuarioLigero: models.Usuario,
    ConversacionLigera: models.Conversacion,
    ParticipanteLigero: models.Participante,
    MensajeLigero: models.Mensaje,
    LecturaLigera: models.Lectura,
    ReaccionLigera: models.Reaccion,
    ArchivoLigero: models.Archivo,
    NovedadLigera: models.Novedad,
}


@functools.cache
def columnas_de(clase: type[Fila]) -> list[django.Field[Any, Any]]:
    """Los campos del modelo que lleva la fila, en el orden de la fila."""
    por_nombre = {c.attname: c for c in MODELO_DE[clase]._meta.concrete_fields}
    return [por_nombre[n] for n in clase.__struct_fields__ if n in por_nombre]


def como_modelo(fila: Fila) -> django.Model:
    """Una instancia del modelo con lo que lleva la fila; sin tocar la base."""
    campos = {c.attname: getattr(fila, c.attname) for c in columnas_de(type(fila))}
    return MODELO_DE[type(fila)](**campos)
