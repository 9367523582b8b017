"""Lo que un cliente puede pedir: cargas de los eventos y cuerpos de REST, con tipos estrictos."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mensajeria.protocolo.tipos import (
    MAX_CURSORES,
    MAX_PARTICIPANTES,
    Carga,
    Cuenta,
    Epoca,
    Id,
    IdCliente,
    Nombre,
    Objeto,
    Prioridad,
    Razon,
    Rol,
    Texto,
    TipoConversacion,
    TipoEnviable,
    TipoReaccion,
)

Token = Annotated[str, Meta(min_length=1, max_length=8192)]
# Los navegadores leen `/\\otro` y `/<tab>/otro` como `//otro`: de otra máquina.
_URL = r"(https?://|/(?![/\\]))[^\s\x00-\x1f]*$"
Url = Annotated[str, Meta(max_length=2048, pattern=f"^{_URL}")]


class Autenticar(Carga, kw_only=True):
    token: Token
    usuario_id: str | None = None


class RenovarToken(Carga, kw_only=True):
    token: Token


class UnirseConversacion(Carga, kw_only=True):
    conversacion_id: Id
    desde_cambio: Cuenta | None = None
    epoca: Epoca | None = None


class SalirConversacion(Carga, kw_only=True):
    conversacion_id: Id


class ArchivoEnviado(Carga, kw_only=True):
    nombre: Annotated[str, Meta(min_length=1, max_length=200)]
    url: Url
    tamano: Cuenta
    tipo: Nombre


class ContenidoEnviado(Carga, kw_only=True):
    texto: Texto = ""
    tipo: TipoEnviable | None = None
    archivo: ArchivoEnviado | None = None
    metadatos: Objeto | None = None


class EnviarMensaje(Carga, kw_only=True):
    conversacion_id: Id
    contenido: ContenidoEnviado
    tipo: TipoEnviable | None = None
    respuesta_a: Id | None = None
    prioridad: Prioridad = "normal"
    id_cliente: IdCliente | None = None


class MarcarLeido(Carga, kw_only=True):
    """Al menos uno de los dos."""

    conversacion_id: Id | None = None
    mensaje_id: Id | None = None


class MarcarEntregado(Carga, kw_only=True):
    conversacion_id: Id
    hasta_secuencia: Cuenta
    epoca: Epoca | None = None


class Escribiendo(Carga, kw_only=True):
    conversacion_id: Id
    escribiendo: bool


class AgregarReaccion(Carga, kw_only=True):
    mensaje_id: Id
    tipo: TipoReaccion


class QuitarReaccion(Carga, kw_only=True):
    mensaje_id: Id
    tipo: TipoReaccion | None = None


class EditarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    texto: Texto


class EliminarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Nombre | None = None


class FijarMensaje(Carga, kw_only=True):
    mensaje_id: Id


class DesfijarMensaje(Carga, kw_only=True):
    mensaje_id: Id


class Reanudar(Carga, kw_only=True):
    cursores: Annotated[dict[Id, Cuenta], Meta(max_length=MAX_CURSORES)]
    epoca: Epoca | None = None


class ObtenerEstadisticas(Carga, kw_only=True):
    pass


class Ping(Carga, kw_only=True):
    pass


# Lo que solo se pide por REST o desde el admin.


class ParticipanteNuevo(Carga, kw_only=True):
    usuario_id: Id
    rol: Rol | None = None


class ConfiguracionEnviada(Carga, kw_only=True):
    nombre_personalizado: Nombre | msgspec.UnsetType = msgspec.UNSET
    descripcion: Annotated[str, Meta(max_length=1000)] | msgspec.UnsetType = msgspec.UNSET
    avatar: Annotated[str, Meta(max_length=2048, pattern=f"^($|{_URL})")] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    configuracion_privacidad: Objeto | msgspec.UnsetType = msgspec.UNSET
    notificaciones_activas: bool | msgspec.UnsetType = msgspec.UNSET


class CrearConversacion(Carga, kw_only=True):
    participantes: Annotated[
        list[ParticipanteNuevo], Meta(min_length=1, max_length=MAX_PARTICIPANTES)
    ]
    tipo: TipoConversacion = "individual"
    asesoria: Id | None = None
    configuracion: ConfiguracionEnviada | None = None


class ActualizarConversacion(Carga, kw_only=True):
    conversacion_id: Id
    configuracion: ConfiguracionEnviada | None = None
    activa: bool | None = None


class AgregarParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id
    rol: Rol | None = None


class PermisosEnviados(Carga, kw_only=True):
    puede_enviar: bool | None = None
    puede_eliminar: bool | None = None
    puede_moderar: bool | None = None


class CambiarParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id
    rol: Rol | None = None
    permisos: PermisosEnviados | None = None


class RemoverParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id


# Lo que solo hace la moderación; el motivo queda en la historia.


class OcultarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Razon


class RestaurarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Razon


class DesactivarUsuario(Carga, kw_only=True):
    usuario_id: Id
    razon: Razon


class ReactivarUsuario(Carga, kw_only=True):
    usuario_id: Id
    razon: Razon


class OlvidarParticipante(Carga, kw_only=True):
    """De una orden de consola: alguien que ya no existe, también donde ya había salido."""

    conversacion_id: Id
    usuario_id: Id
