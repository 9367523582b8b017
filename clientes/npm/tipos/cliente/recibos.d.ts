import type { Conexion } from "./conexion.js";
import type { Mensaje } from "./eventos.js";
import type { Fichas } from "./fichas.js";
/** Hasta dónde se recibió y se leyó, dicho al servidor por tandas y sin repetir. */
export declare class Recibos {
    #private;
    /**
     * @param {Conexion} conexion
     * @param {Fichas} fichas
     */
    constructor(conexion: Conexion, fichas: Fichas);
    /**
     * Se recibieron mensajes hasta `secuencia`.
     *
     * @param {string} id
     * @param {number} secuencia
     */
    recibido(id: string, secuencia: number): void;
    /**
     * Se leyó hasta ese mensaje, incluido.
     *
     * @param {string} id
     * @param {Mensaje} mensaje
     */
    leido(id: string, mensaje: Mensaje): void;
    /** Lo que no se pudo decir antes. */
    seguir(): void;
    /** @param {string} id */
    olvidar(id: string): void;
    vaciar(): void;
}
