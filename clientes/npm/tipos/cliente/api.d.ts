import type { ArchivoSubido, Conversacion, Hallado, Mensaje, Notificacion, Participante, RecibosDeMensaje } from "./eventos.js";
import type { Sesion } from "./sesion.js";
import type { SesionAjena } from "./sesion_ajena.js";
import type { Filtros, NuevaConversacion, Rol, SesionAbierta, Subida } from "./tipos.js";
export type Parametros = Record<string, string | number | null | undefined>;
export type Peticion = {
    cuerpo?: object;
    parametros?: Parametros;
};
/** REST de `/api/mensajeria/`. Si el token caducó, lo renueva y repite una vez. */
export declare class Api {
    #private;
    /**
     * @param {string} origen
     * @param {Sesion | SesionAjena} sesion
     */
    constructor(origen: string, sesion: Sesion | SesionAjena);
    /**
     * @template T
     * @param {string} metodo
     * @param {string} ruta
     * @param {Peticion} [peticion]
     * @returns {Promise<T>} lo que esa ruta responde
     */
    pedir<T>(metodo: string, ruta: string, peticion?: Peticion): Promise<T>;
    /**
     * @param {string} ruta
     * @returns {Promise<Blob>} los bytes de un archivo
     */
    bytes(ruta: string): Promise<Blob>;
    /**
     * @param {Blob} archivo
     * @param {string} nombre
     * @param {Subida} opciones
     * @returns {Promise<ArchivoSubido>}
     */
    subir(archivo: Blob, nombre: string, { conversacionId, idCliente, alProgresar, signal }: Subida): Promise<ArchivoSubido>;
    /**
     * Pone ahí una imagen, en lugar de la que haya.
     *
     * @template T
     * @param {string} ruta
     * @param {Blob} archivo
     * @returns {Promise<T>} lo que esa ruta responde
     */
    poner<T>(ruta: string, archivo: Blob): Promise<T>;
    /**
     * @param {string} id
     * @returns {Promise<ArchivoSubido>} con enlaces firmados
     */
    archivo(id: string): Promise<ArchivoSubido>;
    /**
     * @param {string} id
     * @returns {Promise<null>}
     */
    borrarArchivo(id: string): Promise<null>;
    /**
     * @param {string | null} [cursor]
     * @param {{archivadas?: boolean}} [cuales]
     * @returns {Promise<{results: Conversacion[], siguiente: string | null}>}
     */
    conversaciones(cursor?: string | null, { archivadas }?: {
        archivadas?: boolean;
    }): Promise<{
        results: Conversacion[];
        siguiente: string | null;
    }>;
    /**
     * @param {string} id
     * @returns {Promise<Conversacion>}
     */
    conversacion(id: string): Promise<Conversacion>;
    /**
     * @param {NuevaConversacion} cuerpo
     * @returns {Promise<Conversacion>}
     */
    crearConversacion(cuerpo: NuevaConversacion): Promise<Conversacion>;
    /**
     * @param {string} id
     * @param {string | null} [cursor]
     * @returns {Promise<{results: Participante[], siguiente: string | null}>}
     */
    participantes(id: string, cursor?: string | null): Promise<{
        results: Participante[];
        siguiente: string | null;
    }>;
    /**
     * @param {string} id
     * @param {{usuarioId: string, rol?: Rol}} cuerpo
     * @returns {Promise<Conversacion>}
     */
    agregarParticipante(id: string, cuerpo: {
        usuarioId: string;
        rol?: Rol;
    }): Promise<Conversacion>;
    /**
     * @param {string} id
     * @param {string} usuarioId
     * @returns {Promise<null>}
     */
    quitarParticipante(id: string, usuarioId: string): Promise<null>;
    /**
     * @param {string} id
     * @param {{antes?: number, desdeCambio?: number, limite?: number, epoca: string}} parametros
     * @returns {Promise<{results: Mensaje[], siguiente: string | null, reiniciado: boolean}>}
     */
    mensajes(id: string, parametros: {
        antes?: number;
        desdeCambio?: number;
        limite?: number;
        epoca: string;
    }): Promise<{
        results: Mensaje[];
        siguiente: string | null;
        reiniciado: boolean;
    }>;
    /**
     * @param {string} id
     * @returns {Promise<Mensaje[]>} todos, el último en fijarse primero
     */
    fijados(id: string): Promise<Mensaje[]>;
    /**
     * @param {string} id
     * @returns {Promise<Mensaje>}
     */
    mensaje(id: string): Promise<Mensaje>;
    /**
     * @param {string} id
     * @returns {Promise<RecibosDeMensaje>}
     */
    recibos(id: string): Promise<RecibosDeMensaje>;
    /**
     * @param {Filtros} filtros
     * @param {string | null} [cursor]
     * @returns {Promise<{results: Hallado[], siguiente: string | null}>}
     */
    buscar(filtros: Filtros, cursor?: string | null): Promise<{
        results: Hallado[];
        siguiente: string | null;
    }>;
    /**
     * @param {string | null} [cursor]
     * @returns {Promise<{results: Notificacion[], siguiente: string | null}>}
     */
    notificaciones(cursor?: string | null): Promise<{
        results: Notificacion[];
        siguiente: string | null;
    }>;
    /**
     * @param {string} id
     * @returns {Promise<Notificacion>}
     */
    leerNotificacion(id: string): Promise<Notificacion>;
    /** @returns {Promise<SesionAbierta[]>} la usada más recientemente, primero */
    sesiones(): Promise<SesionAbierta[]>;
    /**
     * @param {string} id
     * @returns {Promise<null>}
     */
    acabarSesion(id: string): Promise<null>;
    /** @returns {Promise<null>} */
    acabarLasDemasSesiones(): Promise<null>;
    /** @returns {Promise<null>} */
    revocar(): Promise<null>;
}
