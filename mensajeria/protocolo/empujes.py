"""Lo que el servidor envía: una forma cerrada por evento (docs/contrato.md, sección 2).

Todas llevan `timestamp`. Las de un cambio de una conversación llevan además `conversacionId` y
`secuenciaCambio`, con los que un cliente sabe si se perdió algo.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.tipos import Estado, Fecha, Forma, Objeto, ahora


class Empuje(Forma, kw_only=True):
    """La carga de un evento del servidor; lleva cuándo salió."""

    timestamp: Fecha = field(default_factory=ahora)


class Cambio(Empuje, kw_only=True):
    """Un empuje que ocupa un número de cambio de su conversación."""

    conversacion_id: str
    secuencia_cambio: int


class Autenticado(Empuje, kw_only=True):
    usuario_id: str
    expira: Fecha | None
    epoca: str
    reacciones: list[str]
    success: bool = True


class TokenRenovado(Empuje, kw_only=True):
    expira: Fecha | None


class EpocaCambiada(Empuje, kw_only=True):
    epoca: str


class UnidoConversacion(Empuje, kw_only=True):
    conversacion_id: str
    participantes_conectados: list[str] = field(name="participantes_conectados")
    ultima_secuencia: int
    ultimo_cambio: int
    conversacion: formas.Conversacion
    cambios: list[formas.Mensaje]
    completo: bool
    epoca: str
    reiniciado: bool


class SalidoConversacion(Forma, kw_only=True):
    """Respuesta a `salir_conversacion`; no se emite como evento."""

    conversacion_id: str


class Reanudada(Forma, kw_only=True):
    ultimo_cambio: int
    conversacion: formas.Conversacion
    cambios: list[formas.Mensaje]
    completo: bool
    reiniciado: bool


class Reanudado(Empuje, kw_only=True):
    """`pendientes` son las que no cabían: se piden otra vez, con el mismo cursor."""

    conversaciones: dict[str, Reanudada]
    epoca: str
    pendientes: list[str]


class NuevoMensaje(Cambio, kw_only=True):
    mensaje: formas.Mensaje


class Advertencia(Forma, kw_only=True):
    """Algo de lo pedido no se hizo, y lo demás sí; `code` es uno de los de los errores."""

    code: CodigoError
    message: str
    campo: str


class MensajeEnviado(Empuje, kw_only=True):
    mensaje_id: str
    conversacion_id: str
    estado: Estado
    secuencia: int
    secuencia_cambio: int
    id_cliente: str | None
    advertencias: list[Advertencia] | UnsetType = UNSET


class MensajeActualizado(Empuje, kw_only=True):
    conversacion_id: str
    mensaje_id: str
    hasta_secuencia: int
    estado: Estado


class MensajeLeido(Empuje, kw_only=True):
    conversacion_id: str
    mensaje_id: str
    leido_por: str


class TodosMensajesLeidos(Empuje, kw_only=True):
    conversacion_id: str
    leido_por: str
    hasta_secuencia: int


class UsuarioEscribiendo(Empuje, kw_only=True):
    conversacion_id: str
    usuario_id: str
    escribiendo: bool


class ReaccionAgregada(Cambio, kw_only=True):
    mensaje_id: str
    reacciones: list[formas.Reaccion]


class ReaccionQuitada(Cambio, kw_only=True):
    mensaje_id: str
    reacciones: list[formas.Reaccion]


class MensajeFijado(Cambio, kw_only=True):
    mensaje_id: str
    fijado: formas.Fijado


class MensajeDesfijado(Cambio, kw_only=True):
    mensaje_id: str
    fijado: formas.Fijado


class MensajeEditado(Cambio, kw_only=True):
    mensaje: formas.Mensaje


class MensajeEliminado(Cambio, kw_only=True):
    mensaje_id: str


class UsuarioConectado(Empuje, kw_only=True):
    conversacion_id: str
    usuario_id: str


class UsuarioDesconectado(Empuje, kw_only=True):
    conversacion_id: str
    usuario_id: str


class PresenciaActualizada(Empuje, kw_only=True):
    """De una conversación numerosa, en lugar de quién llegó y quién se fue."""

    conversacion_id: str
    total_conectados: int


class EstadoUsuarioCambiado(Empuje, kw_only=True):
    usuario_id: str
    conectado: bool


class ConversacionCreada(Cambio, kw_only=True):
    conversacion: formas.Conversacion
    creada_por: formas.Persona | None


class ConversacionActualizada(Cambio, kw_only=True):
    conversacion: formas.Conversacion


class ParticipanteAgregado(Cambio, kw_only=True):
    usuario_id: str
    conversacion: formas.Conversacion


class ParticipanteRemovido(Cambio, kw_only=True):
    """`total_participantes`, solo si la conversación sigue siendo numerosa."""

    usuario_id: str
    total_participantes: int | UnsetType = UNSET


class PreferenciasActualizadas(Empuje, kw_only=True):
    conversacion_id: str
    preferencias: formas.Preferencias


class NuevaNotificacion(Empuje, kw_only=True):
    id: str = field(name="_id")
    tipo: str
    titulo: str
    mensaje: str
    icono: str | None
    datos: Objeto
    acciones: list[formas.Accion]
    sin_leer: int | UnsetType = UNSET


class NotificacionesLeidas(Empuje, kw_only=True):
    ids: list[str]
    sin_leer: int


class AvisosActualizados(Empuje, kw_only=True):
    zona: str
    canales: formas.CanalesDeAvisos


class UsuarioActivo(Forma, kw_only=True):
    usuario: formas.Persona
    mensajes: int


class CifrasDeActividad(Forma, kw_only=True):
    mensajes_enviados: int
    conversaciones_activas: int
    usuarios_mas_activos: list[UsuarioActivo]


class ResumenActividad(Empuje, kw_only=True):
    """El tramo va de `desde` a `hasta`: una hora entera en el reloj de quien lo recibe."""

    periodo: str
    desde: Fecha
    hasta: Fecha
    estadisticas: CifrasDeActividad


class EstadisticasDelSistema(Empuje, kw_only=True):
    usuarios_conectados: int
    conversaciones_activas: int
    total_sockets: int


class Pong(Empuje, kw_only=True):
    pass


class Error(Empuje, kw_only=True):
    code: CodigoError
    message: str
    evento: str | None
    id: int | str | UnsetType = UNSET
    campo: str | UnsetType = UNSET
    reintentar_en: float | UnsetType = UNSET
