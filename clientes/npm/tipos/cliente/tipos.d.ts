import type { CodigoError, Conversacion, EventosCliente, EventosServidor, Mensaje, Participante } from "./eventos.js";
import type { ErrorMensajeria } from "./errores.js";
export type EstadoMensaje = Mensaje["estado"];
export type Prioridad = Mensaje["prioridad"];
export type Rol = Participante["rol"];
export type CodigoDeConexion = "SIN_CONEXION" | "SIN_RESPUESTA" | "SESION_PERDIDA";
export type CodigoDeEnvio = "ARCHIVO_PERDIDO" | "ARCHIVO_RETIRADO" | "CANCELADO";
export type Codigo = CodigoError | CodigoDeConexion | CodigoDeEnvio;
export type Negativa = {
    code: Codigo;
    message?: string;
    campo?: string;
    reintentarEn?: number;
    evento?: string | null;
};
export type NuevaConversacion = {
    participantes: {
        usuarioId: string;
        rol?: Rol;
    }[];
    tipo?: Conversacion["tipo"];
    asesoria?: string;
    configuracion?: Partial<Conversacion["configuracion"]>;
};
export type Envio = {
    idCliente: string;
    conversacionId: string;
    datos: Omit<EventosCliente["enviar_mensaje"], "conversacionId" | "idCliente">;
    archivo?: ArchivoPorEnviar;
    estado: "pendiente" | "subiendo" | "revisando" | "enviando" | "enviado" | "fallido";
    creado: string;
    /**
     *   `reintentarA` es cuándo se volverá a intentar, en milisegundos.
     */
    error: {
        code: Codigo;
        message: string;
        reintentarEn?: number;
        reintentarA?: number;
    } | null;
    /**
     * Cuántas veces falló por dentro el servidor.
     */
    internos?: number;
};
export type ArchivoPorEnviar = {
    nombre: string;
    tamano: number;
    /**
     * Lo que dice el navegador; el servidor mira el contenido.
     */
    tipo: string;
    /**
     * El suyo, desde que está subido.
     */
    id?: string;
    /**
     * Subido, y el antivirus aún no lo ha mirado.
     */
    enRevision?: boolean;
    /**
     * Cuántas veces hubo que subirlo otra vez, porque ya no estaba.
     */
    perdido?: number;
};
export type Subida = {
    /**
     * Para enviarlo solo en ella: si ahí no se puede, ni se sube.
     */
    conversacionId?: string;
    /**
     * Al subir otra vez lo mismo con él, se da el primero.
     */
    idCliente?: string;
    /**
     * Cuánto va, de 0 a 1.
     */
    alProgresar?: (fraccion: number) => void;
    /**
     * La cancela: falla con `CANCELADO`.
     */
    signal?: AbortSignal;
};
export type PorEvento = {
    [E in keyof EventosServidor]: {
        evento: E;
        datos: EventosServidor[E];
    };
};
export type EventoRecibido = PorEvento[keyof EventosServidor];
export type Respuesta = {
    evento: "respuesta";
    id: number;
} & (Bien | Mal);
export type Bien = {
    ok: true;
    datos: unknown;
    error?: undefined;
};
export type Mal = {
    ok: false;
    datos?: undefined;
    error: Negativa;
};
export type Oyentes = {
    alAbrir: () => void;
    alRecibir: (marco: EventoRecibido | Respuesta) => void;
    alCerrar: (razon: string) => void;
};
export type Transporte = {
    abrir: (oyentes: Oyentes) => void;
    enviar: (evento: string, datos: object, id: number) => void;
    cerrar: () => void;
};
export type MarcoVisto = {
    sentido: "entrada" | "salida";
    evento: string;
    datos?: unknown;
    id?: number;
    ok?: boolean;
    error?: Negativa;
};
export type EstadoConexion = "apagada" | "conectando" | "lista" | "esperando";
export type AvisosDeConexion = {
    estado: {
        estado: EstadoConexion;
        espera?: number;
        error?: ErrorMensajeria;
    };
    evento: EventoRecibido;
    marco: MarcoVisto;
};
export type AvisosDeFichas = {
    conversacion: {
        conversacion: Conversacion;
    };
    conversacion_quitada: {
        conversacionId: string;
    };
    reiniciada: {
        conversacionId: string;
    };
    mensajes: {
        conversacionId: string;
        mensajes: Mensaje[];
    };
    mensaje_nuevo: {
        conversacionId: string;
        mensaje: Mensaje;
    };
    escribiendo: {
        conversacionId: string;
        usuarios: string[];
    };
    presencia: {
        usuarioId: string;
        conectado: boolean;
    };
};
export type Faltas = {
    falta: {
        conversacionId: string;
    };
    falta_forma: {
        conversacionId: string;
    };
    falta_mensaje: {
        conversacionId: string;
        mensajeId: string;
    };
};
export type AvisosDeCola = {
    cola: {
        conversacionId: string;
        envios: Envio[];
    };
    progreso: {
        conversacionId: string;
        idCliente: string;
        fraccion: number;
    };
    guardado: {
        conversacionId: string;
        secuencia: number;
        tarde: boolean;
    };
};
export type AvisosDeSesion = {
    perdida: ErrorMensajeria;
    /**
     * En otra pestaña se entró o se salió.
     */
    deOtra: null;
    /**
     * De quién es, cuando no se sabía antes de entrar.
     */
    identificada: string;
};
export type AvisosPropios = {
    /**
     *   `deOtra`: se salió en otra pestaña.
     */
    sesion: {
        usuarioId: string | null;
        error?: ErrorMensajeria | null;
        deOtra?: boolean;
    };
    conversaciones: {
        conversaciones: Conversacion[];
    };
    notificacion: EventosServidor["notificacion"];
    notificaciones_leidas: EventosServidor["notificaciones_leidas"];
    avisos_actualizados: EventosServidor["avisos_actualizados"];
    resumen_actividad: EventosServidor["resumen_actividad"];
    error: ErrorMensajeria;
};
export type Avisos = AvisosPropios & AvisosDeFichas & AvisosDeConexion & Pick<AvisosDeCola, "cola" | "progreso">;
export type SesionAbierta = {
    _id: string;
    via: "token" | "cookie";
    dispositivo: string;
    direccion: string;
    desde: string;
    ultimaVez: string;
    expira: string;
    actual: boolean;
};
export type Filtros = {
    q: string;
    conversacion?: string;
    de?: string;
    tipo?: string;
    desde?: string;
    hasta?: string;
    con?: "archivo";
    orden?: "recientes" | "relevancia";
    limite?: number;
};
export type Almacen = Pick<Storage, "getItem" | "setItem" | "removeItem">;
/**
 * Los tipos que este módulo añade a los del contrato, que están en `eventos.d.ts` y salen del
 * catálogo. Aquí no hay código: son para el editor y para `make lint`.
 *
 * @import {
 *   CodigoError, Conversacion, EventosCliente, EventosServidor, Mensaje, Participante, Persona,
 * } from "./eventos.js"
 * @import { ErrorMensajeria } from "./errores.js"
 *
 * @typedef {Mensaje["estado"]} EstadoMensaje
 * @typedef {Mensaje["prioridad"]} Prioridad
 * @typedef {Participante["rol"]} Rol
 *
 * @typedef {"SIN_CONEXION" | "SIN_RESPUESTA" | "SESION_PERDIDA"} CodigoDeConexion
 * @typedef {"ARCHIVO_PERDIDO" | "ARCHIVO_RETIRADO" | "CANCELADO"} CodigoDeEnvio
 * @typedef {CodigoError | CodigoDeConexion | CodigoDeEnvio} Codigo Los del servidor y los de aquí.
 *
 * @typedef {object} Negativa Lo que dice un error, venga de donde venga.
 * @property {Codigo} code
 * @property {string} [message]
 * @property {string} [campo]
 * @property {number} [reintentarEn]
 * @property {string | null} [evento]
 *
 * @typedef {object} NuevaConversacion
 * @property {{usuarioId: string, rol?: Rol}[]} participantes
 * @property {Conversacion["tipo"]} [tipo]
 * @property {string} [asesoria]
 * @property {Partial<Conversacion["configuracion"]>} [configuracion]
 *
 * @typedef {object} Envio Un mensaje propio que aún no está en el historial.
 * @property {string} idCliente
 * @property {string} conversacionId
 * @property {Omit<EventosCliente["enviar_mensaje"], "conversacionId" | "idCliente">} datos
 * @property {ArchivoPorEnviar} [archivo]
 * @property {"pendiente" | "subiendo" | "revisando" | "enviando" | "enviado" | "fallido"} estado
 * @property {string} creado
 * @property {{code: Codigo, message: string, reintentarEn?: number, reintentarA?: number} | null} error
 *   `reintentarA` es cuándo se volverá a intentar, en milisegundos.
 * @property {number} [internos] Cuántas veces falló por dentro el servidor.
 *
 * @typedef {object} ArchivoPorEnviar El que lleva un envío.
 * @property {string} nombre
 * @property {number} tamano
 * @property {string} tipo Lo que dice el navegador; el servidor mira el contenido.
 * @property {string} [id] El suyo, desde que está subido.
 * @property {boolean} [enRevision] Subido, y el antivirus aún no lo ha mirado.
 * @property {number} [perdido] Cuántas veces hubo que subirlo otra vez, porque ya no estaba.
 *
 * @typedef {object} Subida
 * @property {string} [conversacionId] Para enviarlo solo en ella: si ahí no se puede, ni se sube.
 * @property {string} [idCliente] Al subir otra vez lo mismo con él, se da el primero.
 * @property {(fraccion: number) => void} [alProgresar] Cuánto va, de 0 a 1.
 * @property {AbortSignal} [signal] La cancela: falla con `CANCELADO`.
 *
 * @typedef {{[E in keyof EventosServidor]: {evento: E, datos: EventosServidor[E]}}} PorEvento
 * @typedef {PorEvento[keyof EventosServidor]} EventoRecibido
 *
 * @typedef {{evento: "respuesta", id: number} & (Bien | Mal)} Respuesta
 * @typedef {{ok: true, datos: unknown, error?: undefined}} Bien
 * @typedef {{ok: false, datos?: undefined, error: Negativa}} Mal
 *
 * @typedef {object} Oyentes Lo que una conexión pide a un transporte que le diga.
 * @property {() => void} alAbrir
 * @property {(marco: EventoRecibido | Respuesta) => void} alRecibir
 * @property {(razon: string) => void} alCerrar
 *
 * @typedef {object} Transporte Lo que sabe llevar marcos. El de WebSocket es `TransporteNativo`.
 * @property {(oyentes: Oyentes) => void} abrir
 * @property {(evento: string, datos: object, id: number) => void} enviar
 * @property {() => void} cerrar
 *
 * @typedef {object} MarcoVisto Uno que entró o salió, para mirarlo.
 * @property {"entrada" | "salida"} sentido
 * @property {string} evento
 * @property {unknown} [datos]
 * @property {number} [id]
 * @property {boolean} [ok]
 * @property {Negativa} [error]
 *
 * @typedef {"apagada" | "conectando" | "lista" | "esperando"} EstadoConexion
 *
 * @typedef {object} AvisosDeConexion
 * @property {{estado: EstadoConexion, espera?: number, error?: ErrorMensajeria}} estado
 * @property {EventoRecibido} evento
 * @property {MarcoVisto} marco
 *
 * @typedef {object} AvisosDeFichas
 * @property {{conversacion: Conversacion}} conversacion
 * @property {{conversacionId: string}} conversacion_quitada
 * @property {{conversacionId: string}} reiniciada
 * @property {{conversacionId: string, mensajes: Mensaje[]}} mensajes
 * @property {{conversacionId: string, mensaje: Mensaje}} mensaje_nuevo
 * @property {{conversacionId: string, usuarios: string[]}} escribiendo
 * @property {{usuarioId: string, conectado: boolean}} presencia
 *
 * @typedef {object} Faltas Lo que hay que leer del servidor.
 * @property {{conversacionId: string}} falta
 * @property {{conversacionId: string}} falta_forma
 * @property {{conversacionId: string, mensajeId: string}} falta_mensaje
 *
 * @typedef {object} AvisosDeCola
 * @property {{conversacionId: string, envios: Envio[]}} cola
 * @property {{conversacionId: string, idCliente: string, fraccion: number}} progreso
 * @property {{conversacionId: string, secuencia: number, tarde: boolean}} guardado
 *
 * @typedef {object} AvisosDeSesion
 * @property {ErrorMensajeria} perdida
 * @property {null} deOtra En otra pestaña se entró o se salió.
 * @property {string} identificada De quién es, cuando no se sabía antes de entrar.
 *
 * @typedef {object} AvisosPropios
 * @property {{usuarioId: string | null, error?: ErrorMensajeria | null, deOtra?: boolean}} sesion
 *   `deOtra`: se salió en otra pestaña.
 * @property {{conversaciones: Conversacion[]}} conversaciones
 * @property {EventosServidor["notificacion"]} notificacion
 * @property {EventosServidor["notificaciones_leidas"]} notificaciones_leidas
 * @property {EventosServidor["avisos_actualizados"]} avisos_actualizados
 * @property {EventosServidor["resumen_actividad"]} resumen_actividad
 * @property {ErrorMensajeria} error
 *
 * @typedef {AvisosPropios & AvisosDeFichas & AvisosDeConexion &
 *   Pick<AvisosDeCola, "cola" | "progreso">} Avisos Los de `ClienteMensajeria`.
 *
 * @typedef {object} SesionAbierta Un dispositivo en el que la persona entró.
 * @property {string} _id
 * @property {"token" | "cookie"} via
 * @property {string} dispositivo
 * @property {string} direccion
 * @property {string} desde
 * @property {string} ultimaVez
 * @property {string} expira
 * @property {boolean} actual
 *
 * @typedef {object} Filtros Lo que se busca, y dónde; con `con`, lo que lleva.
 * @property {string} q
 * @property {string} [conversacion]
 * @property {string} [de]
 * @property {string} [tipo]
 * @property {string} [desde]
 * @property {string} [hasta]
 * @property {"archivo"} [con]
 * @property {"recientes" | "relevancia"} [orden]
 * @property {number} [limite]
 *
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Almacen
 */
export {};
