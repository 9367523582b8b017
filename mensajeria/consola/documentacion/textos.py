"""Lo que la documentación dice y un tipo no: las puertas y qué significa cada campo.

Fuente: docs/contrato.md, secciones 1 a 3. Sin reglas: solo texto para quien programa un cliente.
"""

from __future__ import annotations

from mensajeria.consola.documentacion.de_los_avisos import DE_LOS_AVISOS
from mensajeria.protocolo.errores import CodigoError

NO_EDITAR = "Hecho con `manage.py documentar` a partir del catálogo; no se edita a mano."

SIGNIFICADOS: dict[str, str] = {
    "_id": "Identificador",
    "Accion.id": "Nombre de la acción, para quien la atienda",
    "Accion.texto": "Lo que dice el botón",
    "Accion.tipo": "Cómo se muestra",
    "AgregarReaccion.tipo": "La reacción; sin él, `like`. `wow` queda en `surprise`, y `thumbs_up`"
    " en `like`",
    "Archivo._id": "El que se subió aquí; uno de fuera no lo lleva",
    "Archivo.url": "Del que se subió, su ruta en este servidor, que pide credenciales o una"
    " firma; de uno de fuera, la dirección que dijeron",
    "Archivo.nombre": "Cómo se llamaba; solo para enseñarlo",
    "Archivo.tamano": "Bytes; 0 si no se sabe",
    "Archivo.tipo": "Tipo MIME; `application/octet-stream` si no se sabe",
    "ArchivoEnviado.id": "El de un archivo subido; con él, lo demás sobra",
    "ArchivoEnviado._id": "Lo mismo que `id`, que gana",
    "ArchivoEnviado.nombre": "Hace falta si no se dice `id`",
    "ArchivoEnviado.url": "Dirección http(s), o ruta de este servidor; hace falta si no se dice"
    " `id`",
    "ArchivoEnviado.mimeType": "Lo mismo que `tipo`, que gana",
    "ArchivoEnviado.tamano": "Bytes; 10 MB como mucho",
    "ArchivoEnviado.tamaño": "Lo mismo que `tamano`, que gana",
    "ArchivoEnviado.tipo": "Tipo MIME",
    "CifrasDeActividad.conversacionesActivas": "Con algún mensaje en el periodo",
    "Advertencia.campo": "El campo del que se trata, con puntos",
    "Cita.contenido": "El texto, donde lo llevaba el original",
    "Cita.texto": "El texto; vacío si ya se eliminó",
    "ContenidoDeCita.texto": "El texto; vacío si ya se eliminó",
    "Contenido.tipo": "Clase de mensaje; `sistema` es del servidor",
    "ContenidoEnviado.tipo": "Clase de mensaje",
    "Conversacion.tipo": "Clase de conversación",
    "Conversacion.ultimaSecuencia": "Número de su último mensaje",
    "Conversacion.ultimoCambio": "Número de su último cambio",
    "ConversacionActualizada.conversacion": "Como queda",
    "EliminarMensaje.razon": "Por qué se elimina",
    "EditarMensaje.texto": "El nuevo; no puede quedar en blanco",
    "EnviarMensaje.prioridad": "Sin decirla, `normal`",
    "EnviarMensaje.tipo": "Gana a `contenido.tipo`; sin ninguno de los dos, es `texto` o, con un"
    " archivo subido, lo que sea el archivo",
    "ContenidoEnviado.texto": "Necesario si no hay `archivo`, ni los datos de una ubicación o un"
    " contacto; en blanco no vale",
    "ContenidoEnviado.metadatos": "Objeto libre: hasta 8 KiB de JSON y 5 niveles. En un mensaje de"
    " tipo `ubicacion` o `contacto`, sus datos van en el campo de ese nombre",
    "Error.campo": "El campo culpable, con puntos: `contenido.texto`",
    "Error.evento": "El evento que lo causó; `null` si no lo causó ninguno",
    "Error.id": "El `id` de la petición, si lo llevaba",
    "Estadisticas.mensajesNoLeidos": "Solo quien lee: `{usuarioId: cuenta}`; lo propio no cuenta",
    "EstadoUsuarioCambiado.conectado": "`true` con su primera conexión; `false` tras la última",
    "Fijado.fijado": "Si está fijado",
    "Fijado.fecha": "Cuándo se fijó",
    "Fijado.por": "Identificador de quien lo fijó",
    "Mensaje.conversacion": "Identificador de su conversación",
    "Mensaje.respuestaA": "El mensaje al que responde",
    "MensajeActualizado.mensajeId": "El más reciente de los tuyos que cambian de estado",
    "MensajeActualizado.hastaSecuencia": "Cambian todos los tuyos hasta aquí",
    "MensajeActualizado.estado": "El que tienen ahora",
    "MarcarEntregado.hastaSecuencia": "Recibido hasta este número de mensaje, incluido",
    "MarcarLeido.conversacionId": "Hace falta si no se dice `mensajeId`",
    "MarcarLeido.mensajeId": "Leído hasta este, incluido; sin él, todo",
    "Mensaje.menciones": "A quiénes nombra con `@`, por su identificador: los que participaban",
    "NotificacionesLeidas.ids": "Las que ya están leídas",
    "NuevaNotificacion.sinLeer": "Cuántas tiene sin leer, la misma en todos sus dispositivos",
    "NotificacionesLeidas.sinLeer": "Cuántas le quedan",
    "CambiarAvisos.canales": "Lo que cambia de cada canal",
    "zona": "Nombre de zona horaria (IANA); en ella van las horas tranquilas",
    "canales": "Qué sale por cada canal",
    "enMarcha": "Los canales por los que este servidor avisa",
    "clases": "De qué se le puede avisar; `resumenes`, solo al personal",
    "clavePublica": "Con la que un navegador se suscribe; `null`, si aquí no se avisa por Web Push",
    "RegistrarDispositivo.canal": "Navegador o teléfono",
    "RegistrarDispositivo.punto": "La dirección de la suscripción, o el token de FCM",
    "RegistrarDispositivo.claves": "Las de la suscripción; en `fcm` no hay",
    "RegistrarDispositivo.idioma": "En el que se le avisa",
    "aplicacion": "En la página y en la aplicación",
    "webpush": "En los navegadores registrados",
    "fcm": "En los teléfonos registrados",
    "correo": "Por correo, juntando lo no leído",
    **DE_LOS_AVISOS,
    "cada": "Minutos que espera lo no leído a juntarse en un correo",
    "DecirVisibilidad.visible": "Si se ve: no está escondida ni tapada",
    "DecirVisibilidad.conversacionId": "La que enseña; `null`, ninguna. Sin ella, cuentan todas",
    "NuevaNotificacion.datos": "Lo que el cliente necesite para mostrarla",
    "NuevaNotificacion.mensaje": "El texto de la notificación",
    "NuevaNotificacion.tipo": "Clase de notificación",
    "Participante.activo": "Si sigue en la conversación",
    "Participante.usuario": "Quién es",
    "ReciboDePersona.usuario": "Quién es",
    "ReciboDePersona.fecha": "Cuándo",
    "recibido": "Quiénes lo han recibido, salvo su autor",
    "leido": "Quiénes lo han leído, salvo su autor",
    "QuitarReaccion.tipo": "Solo si es esta; sin él, la que haya",
    "ResumenActividad.desde": "Cuándo empieza el tramo",
    "ResumenActividad.hasta": "Cuándo acaba",
    "Reaccion.tipo": "La reacción: de las que dice `autenticado`, o de las que se admitían antes",
    "Reaccion.fecha": "Cuándo reaccionó",
    "TodosMensajesLeidos.hastaSecuencia": "Leído hasta este número de mensaje, incluido",
    "UnidoConversacion.ultimoCambio": "Hasta qué cambio llega la respuesta",
    "Reanudada.ultimoCambio": "Hasta qué cambio llega la respuesta",
    "UsuarioActivo.usuario": "Quién es",
    "Version.texto": "Lo que decía",
    "Version.fecha": "Desde cuándo lo decía",
    "acciones": "Lo que se puede hacer con ella",
    "anclada": "Si va arriba en su lista",
    "archivada": "Si va aparte de las demás en su lista",
    "CambiarPreferencias.silenciadaHasta": "Una fecha, o `siempre`; `null` es no silenciarla, y sin"
    " él sigue como está",
    "silenciadaHasta": "Hasta cuándo no avisa: una fecha, o `siempre`; `null`, no lo está",
    "preferencias": "Cómo la quiere ver quien lee; en un evento para varios no va",
    "PreferenciasActualizadas.preferencias": "Como quedan",
    "ancho": "Píxeles",
    "alto": "Píxeles",
    "borroso": "Una imagen de unos píxeles en una dirección `data:`, para verla mientras llega",
    "clase": "Lo que es: imagen, audio, vídeo u otra cosa",
    "duracion": "Segundos",
    "miniaturas": "De una imagen, la misma con 320 y con 960 píxeles de lado mayor, si era mayor",
    "activa": "`false` si está cerrada",
    "advertencias": "Qué no se hizo de lo pedido, si algo; lo demás sí",
    "apellido": "Apellido",
    "archivo": "El adjunto, ya subido",
    "Autenticado.reacciones": "Con las que se puede reaccionar aquí",
    "asesoria": "La asesoría a la que pertenece",
    "avatar": "Dirección de su imagen",
    "avatar_url": "Dirección de su imagen, o vacío",
    "cambios": "Lo que faltaba, cada mensaje una vez y como está ahora, por `secuenciaCambio`",
    "MarcarEntregado.epoca": "En la que vale `hastaSecuencia`; si ya es otra, no se apunta nada",
    "UnirseConversacion.epoca": "En la que valía el cursor; si ya es otra, se empieza desde cero",
    "Reanudar.epoca": "En la que valían los cursores; si ya es otra, se empieza desde cero",
    "code": "Código del catálogo de errores: lo único que un programa debe mirar",
    "codigoConversacion": "`CONV-<milisegundos>-<6 de A-Z0-9>`",
    "completo": "`false` si falta más: sigue por REST",
    "configuracion": "Nombre, imagen y avisos",
    "configuracionPrivacidad": "Objeto libre",
    "contenido": "Texto, adjunto y datos adicionales",
    "conversacion": "La conversación",
    "creadaPor": "Quién la creó; `null` si no se sabe",
    "conversaciones": "Por `conversacionId`; la que ya no es tuya no está",
    "createdAt": "Lo mismo que `fechaEnvio`",
    "conversacionesActivas": "Conversaciones con alguien unido",
    "conversacionId": "La conversación",
    "cursores": "`{conversacionId: secuenciaCambio}`, el último cambio visto de cada una",
    "descripcion": "Descripción",
    "direccion": "La dirección, con palabras",
    "desdeCambio": "El último cambio visto: la respuesta trae lo posterior",
    "editado": "Si se ha editado, y qué decía antes",
    "Editado.editado": "Si se ha editado",
    "eliminado": "La lápida: quién y cuándo",
    "email": "Correo",
    "latitud": "Grados, de -90 a 90",
    "longitud": "Grados, de -180 a 180",
    "Eliminado.eliminado": "Si se ha eliminado",
    "eliminadoPor": "Identificador de quien lo eliminó",
    "enLinea": "Si tiene alguna conexión",
    "entregadoHasta": "Ha recibido hasta esta `secuencia`",
    "epoca": "En la que valen los números; dos de distintas épocas no se comparan",
    "escribiendo": "Si está escribiendo",
    "estadisticas": "Cifras",
    "estado": "Hasta dónde ha llegado a los demás",
    "expira": "Cuándo caduca la credencial; `null` si la abrió la sesión de la página",
    "fechaCreacion": "Cuándo se creó",
    "fecha": "Cuándo se creó",
    "fechaEdicion": "La última edición",
    "fechaEliminacion": "Cuándo se eliminó",
    "fechaEntrega": "Cuándo lo había recibido el último de los demás",
    "fechaEnvio": "Cuándo se guardó",
    "fechaIngreso": "Desde cuándo participa",
    "fechaLectura": "Cuándo lo leyó",
    "fechaUltimaActividad": "Su última actividad",
    "fijado": "Si está fijado en su conversación, quién lo fijó y cuándo",
    "historial": "Lo que decía antes, lo más antiguo primero: las tres últimas versiones que "
    "quepan en 4 KiB. Todas, en GET mensajes/{id}/",
    "icono": "Nombre o dirección de su icono",
    "idCliente": "Lo pone quien envía, único entre los suyos: repetirlo no duplica",
    "lecturas": "Quiénes lo han leído, nunca su autor; 100 como mucho",
    "leida": "Si ya se leyó",
    "leidoHasta": "Ha leído hasta esta `secuencia`",
    "leidoPor": "Identificador de quien leyó",
    "mensaje": "El mensaje",
    "mensajeId": "El mensaje",
    "mensajes": "Cuántos envió",
    "mensajesEnviados": "Mensajes en el periodo",
    "message": "En español, para una persona",
    "metadatos": "Objeto libre, según el tipo",
    "nombre": "Nombre",
    "nombrePersonalizado": "Su nombre visible",
    "notificacionesActivas": "Si avisa",
    "participantes": "Quiénes están y estuvieron; con más de 100 participantes, solo quien lee y "
    "quien el evento nombra",
    "participantes_conectados": "Identificadores de quienes están unidos ahora; con más de 100 "
    "participantes, solo el propio",
    "periodo": "De cuándo son las cifras",
    "permisos": "Lo que puede hacer",
    "prioridad": "Prioridad",
    "puedeEliminar": "Eliminar mensajes de otros",
    "puedeEnviar": "Enviar mensajes",
    "puedeModerar": "Cambiar la conversación y sus participantes",
    "razon": "La que dio quien lo eliminó",
    "reacciones": "Todas las del mensaje, una por persona como mucho",
    "reintentarEn": "Segundos que conviene esperar",
    "reiniciado": "Viene desde cero: lo que se supiera de antes de esa conversación no vale",
    "remitente": "Quién lo escribió",
    "respuestaA": "Identificador del mensaje al que responde, de la misma conversación",
    "rol": "Su papel",
    "secuencia": "Su número en la conversación: 1, 2, 3…, sin huecos",
    "secuenciaCambio": "Número de su último cambio en la conversación",
    "success": "Siempre `true`",
    "tamano": "Bytes",
    "telefono": "Teléfono",
    "texto": "El texto",
    "timestamp": "Cuándo lo emitió el servidor",
    "tipo": "Clase",
    "titulo": "Título",
    "token": "JWT firmado con HS256; en modo de ejemplo, también `test_token` y `test_token_123`",
    "totalConectados": "Cuántas personas están unidas ahora; solo con más de 100 participantes",
    "totalParticipantes": "Cuántos participan ahora",
    "ParticipanteRemovido.totalParticipantes": "Cuántos quedan; solo si son más de 100",
    "pendientes": "Las que no cabían en la respuesta: se piden otra vez, con el mismo cursor",
    "totalMensajes": "Mensajes que ha tenido",
    "totalSockets": "Conexiones abiertas",
    "ultimaConexion": "La última vez que estuvo",
    "ultimaSecuencia": "Número del último mensaje",
    "ultimoMensaje": "Cuándo fue el último",
    "updatedAt": "La última de las fechas que lleva: de envío, de edición, de reacción…",
    "versiones": "Cuántas veces se cambió: las que hay en el historial entero",
    "url": "Dirección http(s), o ruta de este servidor",
    "usuario": "Identificador de la persona",
    "usuarioId": "Identificador de la persona",
    "Autenticar.usuarioId": "Si va, ha de ser el del token",
    "usuariosConectados": "Personas con alguna conexión",
    "usuariosMasActivos": "Quiénes enviaron más, el primero delante",
}


def significado(tipo: str, campo: str) -> str:
    """Qué es `campo` en el tipo de ese nombre."""
    return SIGNIFICADOS.get(f"{tipo}.{campo}") or SIGNIFICADOS[campo]


# Qué hace quien recibe cada código.
QUE_HACER: dict[CodigoError, str] = {
    CodigoError.AUTH_REQUIRED: "Entra antes: `autenticar` con un token o, por REST, la cabecera "
    "`Authorization: Bearer <token>`. Sin haber entrado solo se admiten `autenticar` y `ping`.",
    CodigoError.AUTH_INVALID: "Al pedir un token, el nombre o la contraseña no son esos. Con un "
    "token, pide otro: repetir con el mismo no sirve. Si lo firma tu "
    "sistema, mira que use el mismo `JWT_SECRET` y HS256, que lleve `exp`, que el usuario exista "
    "aquí, y que `JWT_AUDIENCIA` y `JWT_EMISOR`, si están, sean los suyos. También lo da uno "
    "revocado, o cuya sesión se acabó.",
    CodigoError.TOKEN_EXPIRED: "Pide otro y sigue: con `POST token/refresh/`, o a quien lo firma. "
    "Con `renovar_token` no hace falta reconectar.",
    CodigoError.USER_MISMATCH: "El `usuarioId` no es el del token, o se renovó con el de otra "
    "persona. Quita `usuarioId`, o abre otra conexión.",
    CodigoError.PERMISSION_DENIED: "Participa, pero no tiene el permiso que hace falta "
    "(`puedeEnviar`, `puedeEliminar`, `puedeModerar`), o no es suyo. Con la cookie de la página, "
    "quizá falta `X-CSRFToken`.",
    CodigoError.NOT_FOUND: "No existe, o quien pide no participa: no se dice cuál. Mira el "
    "identificador, y de quién es el token.",
    CodigoError.VALIDATION_ERROR: "Lo enviado no tiene la forma debida; `campo` dice cuál, con "
    'puntos (`contenido.texto`). Los tipos son estrictos: `"5"` no es un entero. Por REST lo dan '
    "también un método o un formato que la ruta no admite (405, 406, 415).",
    CodigoError.UNKNOWN_EVENT: "Mira el nombre: van en minúsculas y con `_`, como en "
    "[eventos](eventos.md).",
    CodigoError.RATE_LIMITED: "Espera `reintentarEn` segundos (`Retry-After`, por REST) y repite "
    "lo mismo, con el mismo `idCliente`. Cuáles hay: [contrato](contrato.md#límites-de-ritmo).",
    CodigoError.CONFLICT: "Choca con lo guardado: el `idCliente` ya se usó con otro contenido, ya "
    "hay 50 fijados, el archivo ya se envió… Lee cómo está y decide; repetirlo no sirve.",
    CodigoError.CONVERSATION_CLOSED: "Se puede leer, pero no escribir. Quien modera la vuelve a "
    "abrir con `activa: true`.",
    CodigoError.EDIT_WINDOW_CLOSED: "Pasaron los 15 minutos, o las 20 ediciones. Envía otro "
    "mensaje, que puede responder a este.",
    CodigoError.PAYLOAD_TOO_LARGE: "Un marco o un cuerpo pasa de 1.000.000 de bytes, o un archivo, "
    "de lo que dice `ARCHIVO_MB`. Envía menos.",
    CodigoError.FILE_EMPTY: "Tiene 0 bytes. Elige otro.",
    CodigoError.FILE_TYPE_NOT_ALLOWED: "Lo que es lo dice su contenido, no su nombre. Conviértelo "
    "a uno de los que se admiten: [contrato](contrato.md#archivos-).",
    CodigoError.FILE_DAMAGED: "Está cortado o no se puede leer. Ábrelo en su programa y guárdalo "
    "otra vez.",
    CodigoError.FILE_AMBIGUOUS: "Es dos cosas a la vez, que es como se cuela lo que no se admite. "
    "Guárdalo de nuevo en un solo formato.",
    CodigoError.FILE_BOMB: "Abierto ocupa demasiado. Hazlo más pequeño: menos píxeles, menos "
    "cuadros, menos archivos dentro.",
    CodigoError.FILE_INFECTED: "El antivirus lo reconoció. No se guarda.",
    CodigoError.UNAVAILABLE: "No se hizo nada: repítelo igual dentro de un poco, con espera "
    "creciente. Si dura, mira `/salud/` y [problemas](problemas.md).",
    CodigoError.INTERNAL_ERROR: "Un fallo del servidor, que queda en su registro. Repítelo una "
    "vez; si sigue, avisa a quien lo opera.",
}

_DE_ARCHIVOS = "las operaciones de REST que suben un archivo o ponen un avatar"
# Quiénes dan un código, si no basta con mirar los propios de cada evento.
LO_DAN: dict[CodigoError, str] = {
    CodigoError.AUTH_REQUIRED: "todo lo que pide haber entrado",
    CodigoError.AUTH_INVALID: "todo lo que lleva una credencial: [`autenticar`]"
    "(eventos.md#autenticar), [`renovar_token`](eventos.md#renovar_token), el saludo de un socket, "
    "`POST /api/token/` y cualquier operación de REST. Y un socket abierto, sin que se pida nada y "
    "antes de cerrarse, si la suya deja de valer",
    CodigoError.TOKEN_EXPIRED: "todo lo que pide haber entrado o lleva un token. Y un socket "
    "abierto, sin que se pida nada y antes de cerrarse, cuando caduca el suyo",
    CodigoError.USER_MISMATCH: "[`autenticar`](eventos.md#autenticar), [`renovar_token`]"
    "(eventos.md#renovar_token) y [el REST del original](rest-original.md)",
    CodigoError.UNKNOWN_EVENT: "cualquier evento que se envíe por un socket y no esté en el "
    "catálogo",
    CodigoError.PAYLOAD_TOO_LARGE: "todas las operaciones de REST que llevan cuerpo, y "
    "[`enviar_mensaje`](eventos.md#enviar_mensaje), si dice que su adjunto pasa de 10 MB. Un "
    "socket, por un marco demasiado grande, se cierra (1009)",
    CodigoError.FILE_EMPTY: _DE_ARCHIVOS,
    CodigoError.FILE_TYPE_NOT_ALLOWED: _DE_ARCHIVOS,
    CodigoError.FILE_DAMAGED: _DE_ARCHIVOS,
    CodigoError.FILE_AMBIGUOUS: _DE_ARCHIVOS,
    CodigoError.FILE_BOMB: _DE_ARCHIVOS,
    CodigoError.FILE_INFECTED: _DE_ARCHIVOS,
}
