/**
 * Los eventos del contrato y sus formas, tal y como viajan; explicados en docs/eventos.md.
 * Hecho con `manage.py documentar` a partir del catálogo; no se edita a mano.
 */

export type CodigoError =
  | "AUTH_REQUIRED"
  | "AUTH_INVALID"
  | "TOKEN_EXPIRED"
  | "USER_MISMATCH"
  | "PERMISSION_DENIED"
  | "NOT_FOUND"
  | "VALIDATION_ERROR"
  | "UNKNOWN_EVENT"
  | "RATE_LIMITED"
  | "CONFLICT"
  | "CONVERSATION_CLOSED"
  | "EDIT_WINDOW_CLOSED"
  | "PAYLOAD_TOO_LARGE"
  | "FILE_EMPTY"
  | "FILE_TYPE_NOT_ALLOWED"
  | "FILE_DAMAGED"
  | "FILE_AMBIGUOUS"
  | "FILE_BOMB"
  | "FILE_INFECTED"
  | "UNAVAILABLE"
  | "INTERNAL_ERROR";

export interface Accion {
  /** Nombre de la acción, para quien la atienda */
  id: string;
  /** Lo que dice el botón */
  texto: string;
  /** Cómo se muestra */
  tipo: string;
}

export interface Advertencia {
  /** Código del catálogo de errores: lo único que un programa debe mirar */
  code: CodigoError;
  /** En español, para una persona */
  message: string;
  /** El campo del que se trata, con puntos */
  campo: string;
}

export interface Archivo {
  /** El que se subió aquí; uno de fuera no lo lleva */
  _id?: string;
  /** Cómo se llamaba; solo para enseñarlo */
  nombre: string;
  /**
   * Del que se subió, su ruta en este servidor, que pide credenciales o una firma; de uno de
   * fuera, la dirección que dijeron
   */
  url: string;
  /** Bytes; 0 si no se sabe */
  tamano: number;
  /** Tipo MIME; `application/octet-stream` si no se sabe */
  tipo: string;
  /** Lo que es: imagen, audio, vídeo u otra cosa */
  clase?: "archivo" | "audio" | "imagen" | "video";
  /** Píxeles */
  ancho?: number;
  /** Píxeles */
  alto?: number;
  /** Segundos */
  duracion?: number;
  /** De una imagen, la misma con 320 y con 960 píxeles de lado mayor, si era mayor */
  miniaturas?: Array<Miniatura>;
  /** Una imagen de unos píxeles en una dirección `data:`, para verla mientras llega */
  borroso?: string;
}

export interface ArchivoEnviado {
  /** El de un archivo subido; con él, lo demás sobra */
  id?: string | null;
  /** Lo mismo que `id`, que gana */
  _id?: string | null;
  /** Hace falta si no se dice `id` */
  nombre?: string | null;
  /** Dirección http(s), o ruta de este servidor; hace falta si no se dice `id` */
  url?: string | null;
  /** Bytes; 10 MB como mucho */
  tamano?: number | null;
  /** Tipo MIME */
  tipo?: string | null;
  /** Lo mismo que `tamano`, que gana */
  tamaño?: number | null;
  /** Lo mismo que `tipo`, que gana */
  mimeType?: string | null;
}

export interface ArchivoSubido {
  _id?: string;
  nombre: string;
  url: string;
  tamano: number;
  tipo: string;
  clase?: "archivo" | "audio" | "imagen" | "video";
  ancho?: number;
  alto?: number;
  duracion?: number;
  miniaturas?: Array<Miniatura>;
  borroso?: string;
  estado: "en_revision" | "enviado" | "listo";
  /** ISO 8601, UTC, milisegundos, Z */
  expira: string;
}

export interface AvisosDeCanal {
  /** Cuándo se avisa de un mensaje */
  mensajes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si el mensaje nombra a la persona con `@` */
  menciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si la suman a una conversación o la quitan */
  conversaciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo se recuerda lo que, avisado, sigue sin leer */
  recordatorios?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo sale el resumen de cada hora, que es para el personal */
  resumenes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Qué enseña: todo, solo quién escribió, o nada */
  muestra?: "nada" | "quien" | "todo";
  /** Las horas en que no sale lo que va `fuera_de_horas` */
  tranquilas?: HorasTranquilas;
}

export interface AvisosDeCanalPuestos {
  /** Cuándo se avisa de un mensaje */
  mensajes?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo, si el mensaje nombra a la persona con `@` */
  menciones?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo, si la suman a una conversación o la quitan */
  conversaciones?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo se recuerda lo que, avisado, sigue sin leer */
  recordatorios?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo sale el resumen de cada hora, que es para el personal */
  resumenes?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Qué enseña: todo, solo quién escribió, o nada */
  muestra?: "nada" | "quien" | "todo" | null;
  /** Las horas en que no sale lo que va `fuera_de_horas` */
  tranquilas?: HorasTranquilasPuestas | null;
}

export interface AvisosEnLaAplicacion {
  /** Cuándo se avisa de un mensaje */
  mensajes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si el mensaje nombra a la persona con `@` */
  menciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si la suman a una conversación o la quitan */
  conversaciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo se recuerda lo que, avisado, sigue sin leer */
  recordatorios?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo sale el resumen de cada hora, que es para el personal */
  resumenes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Qué enseña: todo, solo quién escribió, o nada */
  muestra?: "nada" | "quien" | "todo";
  /** Las horas en que no sale lo que va `fuera_de_horas` */
  tranquilas?: HorasTranquilas;
}

export interface AvisosPorCorreo {
  /** Cuándo se avisa de un mensaje */
  mensajes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si el mensaje nombra a la persona con `@` */
  menciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo, si la suman a una conversación o la quitan */
  conversaciones?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo se recuerda lo que, avisado, sigue sin leer */
  recordatorios?: "fuera_de_horas" | "nunca" | "siempre";
  /** Cuándo sale el resumen de cada hora, que es para el personal */
  resumenes?: "fuera_de_horas" | "nunca" | "siempre";
  /** Qué enseña: todo, solo quién escribió, o nada */
  muestra?: "nada" | "quien" | "todo";
  /** Las horas en que no sale lo que va `fuera_de_horas` */
  tranquilas?: HorasTranquilas;
  /** Minutos que espera lo no leído a juntarse en un correo */
  cada?: number;
}

export interface AvisosPorCorreoPuestos {
  /** Cuándo se avisa de un mensaje */
  mensajes?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo, si el mensaje nombra a la persona con `@` */
  menciones?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo, si la suman a una conversación o la quitan */
  conversaciones?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo se recuerda lo que, avisado, sigue sin leer */
  recordatorios?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Cuándo sale el resumen de cada hora, que es para el personal */
  resumenes?: "fuera_de_horas" | "nunca" | "siempre" | null;
  /** Qué enseña: todo, solo quién escribió, o nada */
  muestra?: "nada" | "quien" | "todo" | null;
  /** Las horas en que no sale lo que va `fuera_de_horas` */
  tranquilas?: HorasTranquilasPuestas | null;
  /** Minutos que espera lo no leído a juntarse en un correo */
  cada?: number | null;
}

export interface CanalesDeAvisos {
  /** En la página y en la aplicación */
  aplicacion?: AvisosEnLaAplicacion;
  /** En los navegadores registrados */
  webpush?: AvisosDeCanal;
  /** En los teléfonos registrados */
  fcm?: AvisosDeCanal;
  /** Por correo, juntando lo no leído */
  correo?: AvisosPorCorreo;
}

export interface CanalesDeAvisosPuestos {
  /** En la página y en la aplicación */
  aplicacion?: AvisosDeCanalPuestos | null;
  /** En los navegadores registrados */
  webpush?: AvisosDeCanalPuestos | null;
  /** En los teléfonos registrados */
  fcm?: AvisosDeCanalPuestos | null;
  /** Por correo, juntando lo no leído */
  correo?: AvisosPorCorreoPuestos | null;
}

export interface CifrasDeActividad {
  /** Mensajes en el periodo */
  mensajesEnviados: number;
  /** Con algún mensaje en el periodo */
  conversacionesActivas: number;
  /** Quiénes enviaron más, el primero delante */
  usuariosMasActivos: Array<UsuarioActivo>;
}

export interface Cita {
  /** Identificador */
  _id: string;
  /** El texto, donde lo llevaba el original */
  contenido: ContenidoDeCita;
  /** El texto; vacío si ya se eliminó */
  texto: string;
  /** Quién lo escribió */
  remitente: Persona | null;
}

export interface Configuracion {
  /** Su nombre visible */
  nombrePersonalizado: string;
  /** Descripción */
  descripcion: string;
  /** Dirección de su imagen */
  avatar: string;
  /** Objeto libre */
  configuracionPrivacidad: Record<string, unknown>;
  /** Si avisa */
  notificacionesActivas: boolean;
}

export interface Contenido {
  /** El texto */
  texto: string;
  /** Clase de mensaje; `sistema` es del servidor */
  tipo: "archivo" | "audio" | "contacto" | "imagen" | "sistema" | "texto" | "ubicacion" | "video";
  /** El adjunto, ya subido */
  archivo: Archivo | null;
  /** Objeto libre, según el tipo */
  metadatos: Record<string, unknown>;
}

export interface ContenidoDeCita {
  /** El texto; vacío si ya se eliminó */
  texto: string;
}

export interface ContenidoEnviado {
  /**
   * Necesario si no hay `archivo`, ni los datos de una ubicación o un contacto; en blanco no
   * vale
   */
  texto?: string | null;
  /** Clase de mensaje */
  tipo?: "archivo" | "audio" | "contacto" | "imagen" | "texto" | "ubicacion" | "video" | null;
  /** El adjunto, ya subido */
  archivo?: ArchivoEnviado | null;
  /**
   * Objeto libre: hasta 8 KiB de JSON y 5 niveles. En un mensaje de tipo `ubicacion` o
   * `contacto`, sus datos van en el campo de ese nombre
   */
  metadatos?: Record<string, unknown> | null;
}

export interface Conversacion {
  /** Identificador */
  _id: string;
  /** `CONV-<milisegundos>-<6 de A-Z0-9>` */
  codigoConversacion: string;
  /**
   * Quiénes están y estuvieron; con más de 100 participantes, solo quien lee y quien el evento
   * nombra
   */
  participantes: Array<Participante>;
  /** Cuántos participan ahora */
  totalParticipantes: number;
  /** Cuántas personas están unidas ahora; solo con más de 100 participantes */
  totalConectados?: number;
  /** La asesoría a la que pertenece */
  asesoria: string | null;
  /** Clase de conversación */
  tipo: "asesoria" | "general" | "grupal" | "individual" | "soporte";
  /** Nombre, imagen y avisos */
  configuracion: Configuracion;
  /** Cifras */
  estadisticas: Estadisticas;
  /** `false` si está cerrada */
  activa: boolean;
  /** Cuándo se creó */
  fechaCreacion: string;
  /** Su última actividad */
  fechaUltimaActividad: string;
  /** Número de su último mensaje */
  ultimaSecuencia: number;
  /** Número de su último cambio */
  ultimoCambio: number;
  /** En la que valen los números; dos de distintas épocas no se comparan */
  epoca: string;
  /** Cómo la quiere ver quien lee; en un evento para varios no va */
  preferencias?: Preferencias;
}

export interface Dispositivo {
  _id: string;
  canal: string;
  nombre: string;
  /** ISO 8601, UTC, milisegundos, Z */
  alta: string;
  /** ISO 8601, UTC, milisegundos, Z */
  ultimaVez: string;
  ultimoEnvio: string | null;
  ultimoError: string | null;
  fechaError: string | null;
}

export interface Editado {
  /** Si se ha editado */
  editado: boolean;
  /** La última edición */
  fechaEdicion: string | null;
  /**
   * Lo que decía antes, lo más antiguo primero: las tres últimas versiones que quepan en 4 KiB.
   * Todas, en GET mensajes/{id}/
   */
  historial: Array<Version>;
  /** Cuántas veces se cambió: las que hay en el historial entero */
  versiones: number;
}

export interface Eliminado {
  /** Si se ha eliminado */
  eliminado: boolean;
  /** Cuándo se eliminó */
  fechaEliminacion: string | null;
  /** Identificador de quien lo eliminó */
  eliminadoPor: string | null;
  /** La que dio quien lo eliminó */
  razon: string | null;
}

export interface Estadisticas {
  /** Mensajes que ha tenido */
  totalMensajes: number;
  /** Cuándo fue el último */
  ultimoMensaje: string | null;
  /** Solo quien lee: `{usuarioId: cuenta}`; lo propio no cuenta */
  mensajesNoLeidos: Record<string, number>;
}

export interface Fijado {
  /** Si está fijado */
  fijado: boolean;
  /** Cuándo se fijó */
  fecha: string | null;
  /** Identificador de quien lo fijó */
  por: string | null;
}

export interface Fragmento {
  texto: string;
  marcas: Array<[number, number]>;
}

export interface Hallado {
  mensaje: Mensaje;
  fragmento: Fragmento;
}

export interface HorasTranquilas {
  /** A qué hora empiezan, `HH:MM` */
  desde?: string;
  /** A qué hora acaban; la misma, no hay ninguna */
  hasta?: string;
}

export interface HorasTranquilasPuestas {
  /** A qué hora empiezan, `HH:MM` */
  desde: string;
  /** A qué hora acaban; la misma, no hay ninguna */
  hasta: string;
}

export interface Lectura {
  /** Identificador de la persona */
  usuario: string;
  /** Cuándo lo leyó */
  fechaLectura: string;
}

export interface Mensaje {
  /** Identificador */
  _id: string;
  /** Identificador de su conversación */
  conversacion: string;
  /** Quién lo escribió */
  remitente: Persona | null;
  /** Texto, adjunto y datos adicionales */
  contenido: Contenido;
  /** El mensaje al que responde */
  respuestaA: Cita | null;
  /** A quiénes nombra con `@`, por su identificador: los que participaban */
  menciones: Array<string>;
  /** Prioridad */
  prioridad: "alta" | "baja" | "normal" | "urgente";
  /** Hasta dónde ha llegado a los demás */
  estado: "entregado" | "enviado" | "fallido" | "leido";
  /** Cuándo se guardó */
  fechaEnvio: string;
  /** Cuándo lo había recibido el último de los demás */
  fechaEntrega: string | null;
  /** Quiénes lo han leído, nunca su autor; 100 como mucho */
  lecturas: Array<Lectura>;
  /** Todas las del mensaje, una por persona como mucho */
  reacciones: Array<Reaccion>;
  /** Si se ha editado, y qué decía antes */
  editado: Editado;
  /** La lápida: quién y cuándo */
  eliminado: Eliminado;
  /** Si está fijado en su conversación, quién lo fijó y cuándo */
  fijado: Fijado;
  /** Su número en la conversación: 1, 2, 3…, sin huecos */
  secuencia: number;
  /** Número de su último cambio en la conversación */
  secuenciaCambio: number;
  /** Lo pone quien envía, único entre los suyos: repetirlo no duplica */
  idCliente: string | null;
  /** Lo mismo que `fechaEnvio` */
  createdAt: string;
  /** La última de las fechas que lleva: de envío, de edición, de reacción… */
  updatedAt: string;
}

export interface Miniatura {
  /** Dirección http(s), o ruta de este servidor */
  url: string;
  /** Píxeles */
  ancho: number;
  /** Píxeles */
  alto: number;
}

export interface MisAvisos {
  zona: string;
  canales: CanalesDeAvisos;
}

export interface MisAvisosAqui {
  zona: string;
  canales: CanalesDeAvisos;
  enMarcha: Array<"aplicacion" | "correo" | "fcm" | "webpush">;
  clases: Array<"conversaciones" | "menciones" | "mensajes" | "recordatorios" | "resumenes">;
  clavePublica: string | null;
}

export interface Notificacion {
  _id: string;
  tipo: string;
  titulo: string;
  mensaje: string;
  icono: string | null;
  datos: Record<string, unknown>;
  acciones: Array<Accion>;
  leida: boolean;
  /** ISO 8601, UTC, milisegundos, Z */
  fecha: string;
}

export interface Participante {
  /** Quién es */
  usuario: Persona;
  /** Su papel */
  rol: "admin" | "cliente" | "experto" | "moderador";
  /** Desde cuándo participa */
  fechaIngreso: string;
  /** Si sigue en la conversación */
  activo: boolean;
  /** La última vez que estuvo */
  ultimaConexion: string | null;
  /** Si tiene alguna conexión */
  enLinea: boolean;
  /** Lo que puede hacer */
  permisos: Permisos;
  /** Ha recibido hasta esta `secuencia` */
  entregadoHasta: number;
  /** Ha leído hasta esta `secuencia` */
  leidoHasta: number;
}

export interface Permisos {
  /** Enviar mensajes */
  puedeEnviar: boolean;
  /** Eliminar mensajes de otros */
  puedeEliminar: boolean;
  /** Cambiar la conversación y sus participantes */
  puedeModerar: boolean;
}

export interface Persona {
  /** Identificador */
  _id: string;
  /** Nombre */
  nombre: string;
  /** Apellido */
  apellido: string;
  /** Dirección de su imagen, o vacío */
  avatar_url: string;
}

export interface PersonaVista {
  _id: string;
  nombre: string;
  apellido: string;
  avatar_url: string;
  username: string;
  esExperto: boolean;
  enLinea: boolean;
  ultimaConexion: string | null;
}

export interface Preferencias {
  /** Hasta cuándo no avisa: una fecha, o `siempre`; `null`, no lo está */
  silenciadaHasta: string | null;
  /** Si va arriba en su lista */
  anclada: boolean;
  /** Si va aparte de las demás en su lista */
  archivada: boolean;
}

export interface PruebaDeAviso {
  enviado: boolean;
  error: string | null;
}

export interface Reaccion {
  /** Identificador */
  _id: string;
  /** Identificador de la persona */
  usuario: string;
  /** La reacción: de las que dice `autenticado`, o de las que se admitían antes */
  tipo: string;
  /** Cuándo reaccionó */
  fecha: string;
}

export interface Reanudada {
  /** Hasta qué cambio llega la respuesta */
  ultimoCambio: number;
  /** La conversación */
  conversacion: Conversacion;
  /** Lo que faltaba, cada mensaje una vez y como está ahora, por `secuenciaCambio` */
  cambios: Array<Mensaje>;
  /** `false` si falta más: sigue por REST */
  completo: boolean;
  /** Viene desde cero: lo que se supiera de antes de esa conversación no vale */
  reiniciado: boolean;
}

export interface ReciboDePersona {
  usuario: Persona;
  /** ISO 8601, UTC, milisegundos, Z */
  fecha: string;
}

export interface RecibosDeMensaje {
  recibido: Array<ReciboDePersona>;
  leido: Array<ReciboDePersona>;
}

export interface SesionAbierta {
  _id: string;
  via: string;
  dispositivo: string;
  direccion: string;
  /** ISO 8601, UTC, milisegundos, Z */
  desde: string;
  /** ISO 8601, UTC, milisegundos, Z */
  ultimaVez: string;
  /** ISO 8601, UTC, milisegundos, Z */
  expira: string;
  actual: boolean;
}

export interface UsuarioActivo {
  /** Quién es */
  usuario: Persona;
  /** Cuántos envió */
  mensajes: number;
}

export interface Version {
  /** Lo que decía */
  texto: string;
  /** Desde cuándo lo decía */
  fecha: string;
}

/** Los `datos` de lo que envía el cliente. */
export interface EventosCliente {
  /**
   * Dice quién es esta conexión: lo dice el token, nunca `usuarioId`. Se une a todas sus
   * conversaciones activas.
   */
  autenticar: {
    /** JWT firmado con HS256; en modo de ejemplo, también `test_token` y `test_token_123` */
    token: string;
    /** Si va, ha de ser el del token */
    usuarioId?: string | number | null;
  };
  /** Un token nuevo del mismo usuario, sin reconectar. */
  renovar_token: {
    /** JWT firmado con HS256; en modo de ejemplo, también `test_token` y `test_token_123` */
    token: string;
  };
  /**
   * Recibe desde ahora lo que pase en la conversación; con `desdeCambio`, la respuesta trae
   * además lo que faltaba.
   */
  unirse_conversacion: {
    /** La conversación */
    conversacionId: string;
    /** El último cambio visto: la respuesta trae lo posterior */
    desdeCambio?: number | null;
    /** En la que valía el cursor; si ya es otra, se empieza desde cero */
    epoca?: string | null;
  };
  /** Esta conexión deja de recibirla; el usuario sigue siendo participante. */
  salir_conversacion: {
    /** La conversación */
    conversacionId: string;
  };
  /** Envía un mensaje. Con `idCliente`, un reintento devuelve el primer resultado. */
  enviar_mensaje: {
    /** La conversación */
    conversacionId: string;
    /** Texto, adjunto y datos adicionales */
    contenido: ContenidoEnviado;
    /**
     * Gana a `contenido.tipo`; sin ninguno de los dos, es `texto` o, con un archivo subido, lo
     * que sea el archivo
     */
    tipo?: "archivo" | "audio" | "contacto" | "imagen" | "texto" | "ubicacion" | "video" | null;
    /** Identificador del mensaje al que responde, de la misma conversación */
    respuestaA?: string | null;
    /** Sin decirla, `normal` */
    prioridad?: "alta" | "baja" | "normal" | "urgente" | null;
    /** Lo pone quien envía, único entre los suyos: repetirlo no duplica */
    idCliente?: string | null;
  };
  /**
   * Lee hasta `mensajeId` incluido; sin él, la conversación entera. Nunca retrocede. Con
   * `mensajeId`, también a esta conexión le llega `mensaje_leido`; sin él, a las demás
   * `todos_mensajes_leidos`.
   */
  marcar_leido: {
    /** Hace falta si no se dice `mensajeId` */
    conversacionId?: string | null;
    /** Leído hasta este, incluido; sin él, todo */
    mensajeId?: string | null;
  };
  /** El cliente confirma que ha recibido hasta `hastaSecuencia`. */
  marcar_entregado: {
    /** La conversación */
    conversacionId: string;
    /** Recibido hasta este número de mensaje, incluido */
    hastaSecuencia: number;
    /** En la que vale `hastaSecuencia`; si ya es otra, no se apunta nada */
    epoca?: string | null;
  };
  /** Muestra u oculta el indicador de escritura; termina solo a los 6 s. */
  escribiendo: {
    /** La conversación */
    conversacionId: string | null;
    /** Si está escribiendo */
    escribiendo: boolean;
  };
  /**
   * Si la página de esta conexión está a la vista, y qué conversación enseña; quien no lo dice,
   * las tiene todas. De ello depende a quién se le avisa.
   */
  visibilidad: {
    /** Si se ve: no está escondida ni tapada */
    visible: boolean;
    /** La que enseña; `null`, ninguna. Sin ella, cuentan todas */
    conversacionId?: string | null;
  };
  /**
   * Qué quieres que se te avise, por dónde, a qué horas y cuánto enseña; de lo que no se dice,
   * queda lo que haya.
   */
  cambiar_avisos: {
    /** Nombre de zona horaria (IANA); en ella van las horas tranquilas */
    zona?: string | null;
    /** Lo que cambia de cada canal */
    canales?: CanalesDeAvisosPuestos | null;
  };
  /** Una por usuario y mensaje: la nueva reemplaza a la anterior. Pide `puedeEnviar`. */
  agregar_reaccion: {
    /** El mensaje */
    mensajeId: string;
    /** La reacción; sin él, `like`. `wow` queda en `surprise`, y `thumbs_up` en `like` */
    tipo?: string | null;
  };
  /** Quita la reacción propia. */
  quitar_reaccion: {
    /** El mensaje */
    mensajeId: string;
    /** Solo si es esta; sin él, la que haya */
    tipo?: string | null;
  };
  /** Solo quien lo escribió, en 15 minutos y hasta 20 veces; queda el historial. */
  editar_mensaje: {
    /** El mensaje */
    mensajeId: string;
    /** El nuevo; no puede quedar en blanco */
    texto: string;
  };
  /** Quien lo escribió, o con `puedeModerar` o `puedeEliminar`; queda una lápida. */
  eliminar_mensaje: {
    /** El mensaje */
    mensajeId: string;
    /** Por qué se elimina */
    razon?: string | null;
  };
  /**
   * Con `puedeModerar`, o cualquiera de los dos en una individual; hasta 50 en cada
   * conversación. Repetirlo no cambia nada.
   */
  fijar_mensaje: {
    /** El mensaje */
    mensajeId: string;
  };
  /** Quien puede fijar, sea quien sea quien lo fijó. Repetirlo no cambia nada. */
  desfijar_mensaje: {
    /** El mensaje */
    mensajeId: string;
  };
  /**
   * Silencia, ancla o archiva una conversación suya, para sí y en todos sus dispositivos; lo
   * que no se dice sigue como está.
   */
  cambiar_preferencias: {
    /** La conversación */
    conversacionId: string;
    /** Una fecha, o `siempre`; `null` es no silenciarla, y sin él sigue como está */
    silenciadaHasta?: string | null;
    /** Si va arriba en su lista */
    anclada?: boolean | null;
    /** Si va aparte de las demás en su lista */
    archivada?: boolean | null;
  };
  /**
   * Tras reconectar, o tras `epoca_cambiada`: todo cambio posterior a cada cursor, en orden y
   * sin repetir. Con cursores de otra época, o que la base no alcanza, todo de nuevo.
   */
  reanudar: {
    /** `{conversacionId: secuenciaCambio}`, el último cambio visto de cada una */
    cursores: Record<string, number>;
    /** En la que valían los cursores; si ya es otra, se empieza desde cero */
    epoca?: string | null;
  };
  /** Cuántos usuarios, conversaciones y conexiones hay, en todos los nodos. */
  obtener_estadisticas: Record<string, never>;
  /** Mantiene viva la conexión. */
  ping: Record<string, never>;
}

/** Los `datos` de lo que envía el servidor. */
export interface EventosServidor {
  /** Llega a esa conexión. */
  autenticado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Identificador de la persona */
    usuarioId: string;
    /** Cuándo caduca la credencial; `null` si la abrió la sesión de la página */
    expira: string | null;
    /** En la que valen los números; dos de distintas épocas no se comparan */
    epoca: string;
    /** Con las que se puede reaccionar aquí */
    reacciones: Array<string>;
    /** Siempre `true` */
    success: boolean;
  };
  /** Llega a esa conexión. */
  token_renovado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Cuándo caduca la credencial; `null` si la abrió la sesión de la página */
    expira: string | null;
  };
  /** Llega a todas las conexiones. */
  epoca_cambiada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** En la que valen los números; dos de distintas épocas no se comparan */
    epoca: string;
  };
  /** Llega a esa conexión. */
  unido_conversacion: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /**
     * Identificadores de quienes están unidos ahora; con más de 100 participantes, solo el
     * propio
     */
    participantes_conectados: Array<string>;
    /** Número del último mensaje */
    ultimaSecuencia: number;
    /** Hasta qué cambio llega la respuesta */
    ultimoCambio: number;
    /** La conversación */
    conversacion: Conversacion;
    /** Lo que faltaba, cada mensaje una vez y como está ahora, por `secuenciaCambio` */
    cambios: Array<Mensaje>;
    /** `false` si falta más: sigue por REST */
    completo: boolean;
    /** En la que valen los números; dos de distintas épocas no se comparan */
    epoca: string;
    /** Viene desde cero: lo que se supiera de antes de esa conversación no vale */
    reiniciado: boolean;
  };
  /** Llega a esa conexión. */
  reanudado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Por `conversacionId`; la que ya no es tuya no está */
    conversaciones: Record<string, Reanudada>;
    /** En la que valen los números; dos de distintas épocas no se comparan */
    epoca: string;
    /** Las que no cabían en la respuesta: se piden otra vez, con el mismo cursor */
    pendientes: Array<string>;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  nuevo_mensaje: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensaje: Mensaje;
  };
  /** Llega a la conexión que lo envió. */
  mensaje_enviado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** El mensaje */
    mensajeId: string;
    /** La conversación */
    conversacionId: string;
    /** Hasta dónde ha llegado a los demás */
    estado: "entregado" | "enviado" | "fallido" | "leido";
    /** Su número en la conversación: 1, 2, 3…, sin huecos */
    secuencia: number;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** Lo pone quien envía, único entre los suyos: repetirlo no duplica */
    idCliente: string | null;
    /** Qué no se hizo de lo pedido, si algo; lo demás sí */
    advertencias?: Array<Advertencia>;
  };
  /** Llega a todas las conexiones de quien escribió los mensajes. */
  mensaje_actualizado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** El más reciente de los tuyos que cambian de estado */
    mensajeId: string;
    /** Cambian todos los tuyos hasta aquí */
    hastaSecuencia: number;
    /** El que tienen ahora */
    estado: "entregado" | "enviado" | "fallido" | "leido";
  };
  /** Llega a quienes están unidos, incluida la conexión que leyó. */
  mensaje_leido: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** El mensaje */
    mensajeId: string;
    /** Identificador de quien leyó */
    leidoPor: string;
  };
  /** Llega a quienes están unidos, salvo la que leyó. */
  todos_mensajes_leidos: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Identificador de quien leyó */
    leidoPor: string;
    /** Leído hasta este número de mensaje, incluido */
    hastaSecuencia: number;
  };
  /** Llega a quienes están unidos, salvo las conexiones de quien escribe. */
  usuario_escribiendo: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Identificador de la persona */
    usuarioId: string;
    /** Si está escribiendo */
    escribiendo: boolean;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  reaccion_agregada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensajeId: string;
    /** Todas las del mensaje, una por persona como mucho */
    reacciones: Array<Reaccion>;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  reaccion_quitada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensajeId: string;
    /** Todas las del mensaje, una por persona como mucho */
    reacciones: Array<Reaccion>;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  mensaje_editado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensaje: Mensaje;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  mensaje_eliminado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensajeId: string;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  mensaje_fijado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensajeId: string;
    /** Si está fijado en su conversación, quién lo fijó y cuándo */
    fijado: Fijado;
  };
  /** Llega a quienes están unidos, incluido quien lo causa. */
  mensaje_desfijado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** El mensaje */
    mensajeId: string;
    /** Si está fijado en su conversación, quién lo fijó y cuándo */
    fijado: Fijado;
  };
  /** Llega a los demás unidos a ella. */
  usuario_conectado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Identificador de la persona */
    usuarioId: string;
  };
  /** Llega a los demás unidos a ella. */
  usuario_desconectado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Identificador de la persona */
    usuarioId: string;
  };
  /**
   * Llega a quienes están unidos a una conversación con más de 100 participantes, una vez por
   * segundo como mucho.
   */
  presencia_actualizada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Cuántas personas están unidas ahora; solo con más de 100 participantes */
    totalConectados: number;
  };
  /** Llega a quienes comparten con él una conversación activa de 100 participantes o menos. */
  estado_usuario_cambiado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Identificador de la persona */
    usuarioId: string;
    /** `true` con su primera conexión; `false` tras la última */
    conectado: boolean;
  };
  /** Llega a las conexiones de los participantes. */
  conversacion_creada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** La conversación */
    conversacion: Conversacion;
    /** Quién la creó; `null` si no se sabe */
    creadaPor: Persona | null;
  };
  /** Llega a las conexiones de los participantes. */
  conversacion_actualizada: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** Como queda */
    conversacion: Conversacion;
  };
  /** Llega a las conexiones de los participantes. */
  participante_agregado: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** Identificador de la persona */
    usuarioId: string;
    /** La conversación */
    conversacion: Conversacion;
  };
  /** Llega a las conexiones de los participantes y las de quien sale. */
  participante_removido: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Número de su último cambio en la conversación */
    secuenciaCambio: number;
    /** Identificador de la persona */
    usuarioId: string;
    /** Cuántos quedan; solo si son más de 100 */
    totalParticipantes?: number;
  };
  /** Llega a todas las conexiones de quien las cambió. */
  preferencias_actualizadas: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** La conversación */
    conversacionId: string;
    /** Como quedan */
    preferencias: Preferencias;
  };
  /** Llega a todas las conexiones de su usuario. */
  notificacion: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Identificador */
    _id: string;
    /** Clase de notificación */
    tipo: string;
    /** Título */
    titulo: string;
    /** El texto de la notificación */
    mensaje: string;
    /** Nombre o dirección de su icono */
    icono: string | null;
    /** Lo que el cliente necesite para mostrarla */
    datos: Record<string, unknown>;
    /** Lo que se puede hacer con ella */
    acciones: Array<Accion>;
    /** Cuántas tiene sin leer, la misma en todos sus dispositivos */
    sinLeer?: number;
  };
  /** Llega a todas las conexiones de su usuario. */
  notificaciones_leidas: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Las que ya están leídas */
    ids: Array<string>;
    /** Cuántas le quedan */
    sinLeer: number;
  };
  /** Llega a todas las conexiones de su usuario, incluida la que los cambió. */
  avisos_actualizados: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Nombre de zona horaria (IANA); en ella van las horas tranquilas */
    zona: string;
    /** Qué sale por cada canal */
    canales: CanalesDeAvisos;
  };
  /** Llega a el personal: todas las conexiones de cada cual. */
  resumen_actividad: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** De cuándo son las cifras */
    periodo: string;
    /** Cuándo empieza el tramo */
    desde: string;
    /** Cuándo acaba */
    hasta: string;
    /** Cifras */
    estadisticas: CifrasDeActividad;
  };
  /** Llega a esa conexión. */
  estadisticas: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Personas con alguna conexión */
    usuariosConectados: number;
    /** Conversaciones con alguien unido */
    conversacionesActivas: number;
    /** Conexiones abiertas */
    totalSockets: number;
  };
  /** Llega a esa conexión. */
  pong: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
  };
  /** Llega a esa conexión. */
  error: {
    /** Cuándo lo emitió el servidor */
    timestamp: string;
    /** Código del catálogo de errores: lo único que un programa debe mirar */
    code: CodigoError;
    /** En español, para una persona */
    message: string;
    /** El evento que lo causó; `null` si no lo causó ninguno */
    evento: string | null;
    /** El `id` de la petición, si lo llevaba */
    id?: number | string;
    /** El campo culpable, con puntos: `contenido.texto` */
    campo?: string;
    /** Segundos que conviene esperar */
    reintentarEn?: number;
  };
}

/** Los `datos` del acuse de cada petición que sale bien. */
export interface Respuestas {
  autenticar: EventosServidor["autenticado"];
  renovar_token: EventosServidor["token_renovado"];
  unirse_conversacion: EventosServidor["unido_conversacion"];
  salir_conversacion: {
    /** La conversación */
    conversacionId: string;
  };
  enviar_mensaje: EventosServidor["mensaje_enviado"];
  marcar_leido: Record<string, never>;
  marcar_entregado: Record<string, never>;
  escribiendo: Record<string, never>;
  visibilidad: Record<string, never>;
  cambiar_avisos: EventosServidor["avisos_actualizados"];
  agregar_reaccion: EventosServidor["reaccion_agregada"];
  quitar_reaccion: EventosServidor["reaccion_quitada"];
  editar_mensaje: EventosServidor["mensaje_editado"];
  eliminar_mensaje: EventosServidor["mensaje_eliminado"];
  fijar_mensaje: EventosServidor["mensaje_fijado"];
  desfijar_mensaje: EventosServidor["mensaje_desfijado"];
  cambiar_preferencias: EventosServidor["preferencias_actualizadas"];
  reanudar: EventosServidor["reanudado"];
  obtener_estadisticas: EventosServidor["estadisticas"];
  ping: EventosServidor["pong"];
}
