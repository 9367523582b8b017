/**
 * @import { Api } from "./api.js"
 * @import { ArchivoSubido } from "./eventos.js"
 * @import { Subida } from "./tipos.js"
 */
import type { Api } from "./api.js";
import type { ArchivoSubido } from "./eventos.js";
import type { Subida } from "./tipos.js";
/** Los archivos de los mensajes: subirlos, verlos y borrar lo que no se llegó a enviar. */
export declare class Archivos {
    #private;
    /**
     * @param {string} origen
     * @param {Api} api
     */
    constructor(origen: string, api: Api);
    /**
     * Sube uno, y no lo envía. Con `estado: "en_revision"` aún no se puede enviar.
     *
     * @param {Blob} archivo
     * @param {Subida & {nombre?: string}} [opciones]
     */
    subir(archivo: Blob, { nombre, ...subida }?: Subida & {
        nombre?: string;
    }): Promise<ArchivoSubido>;
    /**
     * Cómo está ahora, con enlaces firmados.
     *
     * @param {string} id
     */
    ver(id: string): Promise<ArchivoSubido>;
    /**
     * Una dirección que lo abre sin más credenciales, para `<video>`, `<audio>` o una descarga. Vale un
     * rato: mientras vale, se da la misma. Con `otra`, una nueva.
     *
     * @param {string} id
     */
    enlace(id: string, { otra }?: {
        otra?: boolean | undefined;
    }): Promise<string>;
    /**
     * Los bytes de una de las rutas que lleva el archivo de un mensaje: `url`, o una de sus miniaturas.
     *
     * @param {string} ruta
     */
    bytes(ruta: string): Promise<Blob>;
    /**
     * Uno propio que no se ha enviado.
     *
     * @param {string} id
     */
    borrar(id: string): Promise<null>;
    /** Olvida los enlaces que se dieron. */
    olvidar(): void;
}
/**
 * El de un `File`; un `Blob` no lo tiene.
 *
 * @param {Blob} archivo
 */
export declare const nombreDe: (archivo: Blob) => string;
