"""El catálogo: cada evento con su dirección, su carga tipada, su respuesta y sus errores.

De aquí salen la validación, la documentación (`docs/eventos.md`, `docs/asyncapi.yaml`) y los
formularios de la página. Fuente: docs/contrato.md, sección 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mensajeria.protocolo import cargas, empujes
from mensajeria.protocolo.avisos import CambiarAvisos
from mensajeria.protocolo.errores import CodigoError as E
from mensajeria.protocolo.tipos import Carga, Forma

# Lo que puede pasar con cualquier evento, y con cualquiera que exija haberse autenticado.
ERRORES_COMUNES = (E.VALIDATION_ERROR, E.RATE_LIMITED, E.UNAVAILABLE, E.INTERNAL_ERROR)
ERRORES_DE_CREDENCIAL = (E.AUTH_REQUIRED, E.TOKEN_EXPIRED)


@dataclass(frozen=True, slots=True)
class EventoCliente:
    """Un evento que el cliente emite.

    `respuesta` es el evento con el que contestamos, y los `datos` del acuse; sin él, el acuse lleva
    `acuse`, o `{}`. `errores` son los propios, además de los comunes.
    """

    nombre: str
    carga: type[Carga]
    descripcion: str
    respuesta: str | None = None
    acuse: type[Forma] | None = None
    errores: tuple[E, ...] = ()
    con_credencial: bool = True
    ejemplo: dict[str, Any] = field(default_factory=dict)

    @property
    def errores_posibles(self) -> tuple[E, ...]:
        return (
            *ERRORES_COMUNES,
            *(ERRORES_DE_CREDENCIAL if self.con_credencial else ()),
            *self.errores,
        )


@dataclass(frozen=True, slots=True)
class EventoServidor:
    """Un evento que el servidor emite, con su forma cerrada y a quién llega."""

    nombre: str
    carga: type[Forma]
    destinatarios: str


_EN_CONVERSACION = (E.NOT_FOUND, E.CONVERSATION_CLOSED)

CLIENTE: dict[str, EventoCliente] = {
    e.nombre: e
    for e in (
        EventoCliente(
            "autenticar",
            cargas.Autenticar,
            "Dice quién es esta conexión: lo dice el token, nunca `usuarioId`. "
            "Se une a todas sus conversaciones activas.",
            "autenticado",
            errores=(E.AUTH_INVALID, E.TOKEN_EXPIRED, E.USER_MISMATCH),
            con_credencial=False,
            ejemplo={"usuarioId": "test_user", "token": "test_token"},
        ),
        EventoCliente(
            "renovar_token",
            cargas.RenovarToken,
            "Un token nuevo del mismo usuario, sin reconectar.",
            "token_renovado",
            errores=(E.AUTH_INVALID, E.USER_MISMATCH),
            ejemplo={"token": "test_token"},
        ),
        EventoCliente(
            "unirse_conversacion",
            cargas.UnirseConversacion,
            "Recibe desde ahora lo que pase en la conversación; con `desdeCambio`, la respuesta "
            "trae además lo que faltaba.",
            "unido_conversacion",
            errores=(E.NOT_FOUND,),
            ejemplo={"conversacionId": "conv_test"},
        ),
        EventoCliente(
            "salir_conversacion",
            cargas.SalirConversacion,
            "Esta conexión deja de recibirla; el usuario sigue siendo participante.",
            acuse=empujes.SalidoConversacion,
            errores=(E.NOT_FOUND,),
            ejemplo={"conversacionId": "conv_test"},
        ),
        EventoCliente(
            "enviar_mensaje",
            cargas.EnviarMensaje,
            "Envía un mensaje. Con `idCliente`, un reintento devuelve el primer resultado.",
            "mensaje_enviado",
            errores=(*_EN_CONVERSACION, E.PERMISSION_DENIED, E.CONFLICT, E.PAYLOAD_TOO_LARGE),
            ejemplo={
                "conversacionId": "conv_test",
                "contenido": {"texto": "Hola, ¿cómo estás?", "tipo": "texto"},
                "tipo": "texto",
                "prioridad": "normal",
            },
        ),
        EventoCliente(
            "marcar_leido",
            cargas.MarcarLeido,
            "Lee hasta `mensajeId` incluido; sin él, la conversación entera. Nunca retrocede. Con "
            "`mensajeId`, también a esta conexión le llega `mensaje_leido`; sin él, a las demás "
            "`todos_mensajes_leidos`.",
            errores=(E.NOT_FOUND,),
            ejemplo={"conversacionId": "conv_test"},
        ),
        EventoCliente(
            "marcar_entregado",
            cargas.MarcarEntregado,
            "El cliente confirma que ha recibido hasta `hastaSecuencia`.",
            errores=(E.NOT_FOUND,),
            ejemplo={"conversacionId": "conv_test", "hastaSecuencia": 1},
        ),
        EventoCliente(
            "escribiendo",
            cargas.Escribiendo,
            "Muestra u oculta el indicador de escritura; termina solo a los 6 s.",
            errores=(E.NOT_FOUND, E.PERMISSION_DENIED),
            ejemplo={"conversacionId": "conv_test", "escribiendo": True},
        ),
        EventoCliente(
            "visibilidad",
            cargas.DecirVisibilidad,
            "Si la página de esta conexión está a la vista, y qué conversación enseña; quien no lo "
            "dice, las tiene todas. De ello depende a quién se le avisa.",
            ejemplo={"visible": True, "conversacionId": "conv_test"},
        ),
        EventoCliente(
            "cambiar_avisos",
            CambiarAvisos,
            "Qué quieres que se te avise, por dónde, a qué horas y cuánto enseña; de lo que no se "
            "dice, queda lo que haya.",
            "avisos_actualizados",
            ejemplo={"zona": "America/Bogota", "canales": {"webpush": {"muestra": "quien"}}},
        ),
        EventoCliente(
            "agregar_reaccion",
            cargas.AgregarReaccion,
            "Una por usuario y mensaje: la nueva reemplaza a la anterior. Pide `puedeEnviar`.",
            "reaccion_agregada",
            errores=(*_EN_CONVERSACION, E.PERMISSION_DENIED, E.CONFLICT),
            ejemplo={"mensajeId": "", "tipo": "like"},
        ),
        EventoCliente(
            "quitar_reaccion",
            cargas.QuitarReaccion,
            "Quita la reacción propia.",
            "reaccion_quitada",
            errores=(*_EN_CONVERSACION, E.CONFLICT),
            ejemplo={"mensajeId": "", "tipo": "like"},
        ),
        EventoCliente(
            "editar_mensaje",
            cargas.EditarMensaje,
            "Solo quien lo escribió, en 15 minutos y hasta 20 veces; queda el historial.",
            "mensaje_editado",
            errores=(*_EN_CONVERSACION, E.PERMISSION_DENIED, E.EDIT_WINDOW_CLOSED, E.CONFLICT),
            ejemplo={"mensajeId": "", "texto": "Hola de nuevo"},
        ),
        EventoCliente(
            "eliminar_mensaje",
            cargas.EliminarMensaje,
            "Quien lo escribió, o con `puedeModerar` o `puedeEliminar`; queda una lápida.",
            "mensaje_eliminado",
            errores=(E.NOT_FOUND, E.PERMISSION_DENIED),
            ejemplo={"mensajeId": "", "razon": "Me equivoqué de conversación"},
        ),
        EventoCliente(
            "fijar_mensaje",
            cargas.FijarMensaje,
            "Con `puedeModerar`, o cualquiera de los dos en una individual; hasta 50 en cada "
            "conversación. Repetirlo no cambia nada.",
            "mensaje_fijado",
            errores=(*_EN_CONVERSACION, E.PERMISSION_DENIED, E.CONFLICT),
            ejemplo={"mensajeId": ""},
        ),
        EventoCliente(
            "desfijar_mensaje",
            cargas.DesfijarMensaje,
            "Quien puede fijar, sea quien sea quien lo fijó. Repetirlo no cambia nada.",
            "mensaje_desfijado",
            errores=(*_EN_CONVERSACION, E.PERMISSION_DENIED),
            ejemplo={"mensajeId": ""},
        ),
        EventoCliente(
            "cambiar_preferencias",
            cargas.CambiarPreferencias,
            "Silencia, ancla o archiva una conversación suya, para sí y en todos sus dispositivos; "
            "lo que no se dice sigue como está.",
            "preferencias_actualizadas",
            errores=(E.NOT_FOUND,),
            ejemplo={"conversacionId": "conv_test", "silenciadaHasta": "siempre", "anclada": True},
        ),
        EventoCliente(
            "reanudar",
            cargas.Reanudar,
            "Tras reconectar, o tras `epoca_cambiada`: todo cambio posterior a cada cursor, en "
            "orden y sin repetir. Con cursores de otra época, o que la base no alcanza, todo de "
            "nuevo.",
            "reanudado",
            ejemplo={"cursores": {"conv_test": 0}},
        ),
        EventoCliente(
            "obtener_estadisticas",
            cargas.ObtenerEstadisticas,
            "Cuántos usuarios, conversaciones y conexiones hay, en todos los nodos.",
            "estadisticas",
        ),
        EventoCliente(
            "ping", cargas.Ping, "Mantiene viva la conexión.", "pong", con_credencial=False
        ),
    )
}


def sin_campos(nombre: str) -> bool:
    """Si es un evento del cliente que no mira lo que lo acompañe."""
    evento = CLIENTE.get(nombre)
    return evento is not None and not evento.carga.__struct_fields__


_CONEXION = "esa conexión"
_UNIDOS = "quienes están unidos, incluido quien lo causa"
_PARTICIPANTES = "las conexiones de los participantes"

SERVIDOR: dict[str, EventoServidor] = {
    e.nombre: e
    for e in (
        EventoServidor("autenticado", empujes.Autenticado, _CONEXION),
        EventoServidor("token_renovado", empujes.TokenRenovado, _CONEXION),
        EventoServidor("epoca_cambiada", empujes.EpocaCambiada, "todas las conexiones"),
        EventoServidor("unido_conversacion", empujes.UnidoConversacion, _CONEXION),
        EventoServidor("reanudado", empujes.Reanudado, _CONEXION),
        EventoServidor("nuevo_mensaje", empujes.NuevoMensaje, _UNIDOS),
        EventoServidor("mensaje_enviado", empujes.MensajeEnviado, "la conexión que lo envió"),
        EventoServidor(
            "mensaje_actualizado",
            empujes.MensajeActualizado,
            "todas las conexiones de quien escribió los mensajes",
        ),
        EventoServidor(
            "mensaje_leido",
            empujes.MensajeLeido,
            "quienes están unidos, incluida la conexión que leyó",
        ),
        EventoServidor(
            "todos_mensajes_leidos",
            empujes.TodosMensajesLeidos,
            "quienes están unidos, salvo la que leyó",
        ),
        EventoServidor(
            "usuario_escribiendo",
            empujes.UsuarioEscribiendo,
            "quienes están unidos, salvo las conexiones de quien escribe",
        ),
        EventoServidor("reaccion_agregada", empujes.ReaccionAgregada, _UNIDOS),
        EventoServidor("reaccion_quitada", empujes.ReaccionQuitada, _UNIDOS),
        EventoServidor("mensaje_editado", empujes.MensajeEditado, _UNIDOS),
        EventoServidor("mensaje_eliminado", empujes.MensajeEliminado, _UNIDOS),
        EventoServidor("mensaje_fijado", empujes.MensajeFijado, _UNIDOS),
        EventoServidor("mensaje_desfijado", empujes.MensajeDesfijado, _UNIDOS),
        EventoServidor("usuario_conectado", empujes.UsuarioConectado, "los demás unidos a ella"),
        EventoServidor(
            "usuario_desconectado", empujes.UsuarioDesconectado, "los demás unidos a ella"
        ),
        EventoServidor(
            "presencia_actualizada",
            empujes.PresenciaActualizada,
            "quienes están unidos a una conversación con más de 100 participantes, una vez por "
            "segundo como mucho",
        ),
        EventoServidor(
            "estado_usuario_cambiado",
            empujes.EstadoUsuarioCambiado,
            "quienes comparten con él una conversación activa de 100 participantes o menos",
        ),
        EventoServidor("conversacion_creada", empujes.ConversacionCreada, _PARTICIPANTES),
        EventoServidor("conversacion_actualizada", empujes.ConversacionActualizada, _PARTICIPANTES),
        EventoServidor("participante_agregado", empujes.ParticipanteAgregado, _PARTICIPANTES),
        EventoServidor(
            "participante_removido",
            empujes.ParticipanteRemovido,
            "las conexiones de los participantes y las de quien sale",
        ),
        EventoServidor(
            "preferencias_actualizadas",
            empujes.PreferenciasActualizadas,
            "todas las conexiones de quien las cambió",
        ),
        EventoServidor(
            "notificacion", empujes.NuevaNotificacion, "todas las conexiones de su usuario"
        ),
        EventoServidor(
            "notificaciones_leidas",
            empujes.NotificacionesLeidas,
            "todas las conexiones de su usuario",
        ),
        EventoServidor(
            "avisos_actualizados",
            empujes.AvisosActualizados,
            "todas las conexiones de su usuario, incluida la que los cambió",
        ),
        EventoServidor(
            "resumen_actividad",
            empujes.ResumenActividad,
            "el personal: todas las conexiones de cada cual",
        ),
        EventoServidor("estadisticas", empujes.EstadisticasDelSistema, _CONEXION),
        EventoServidor("pong", empujes.Pong, _CONEXION),
        EventoServidor("error", empujes.Error, _CONEXION),
    )
}

NOMBRE_DE = {e.carga: e.nombre for e in SERVIDOR.values()}
