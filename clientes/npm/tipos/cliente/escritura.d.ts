/** @import { Conexion } from "./conexion.js" */
import type { Conexion } from "./conexion.js";
/** Avisa de que se escribe, sin repetirlo a cada tecla, y de que se dejó de escribir. */
export declare class Escritura {
    #private;
    /** @param {Conexion} conexion */
    constructor(conexion: Conexion);
    /** @param {string} id */
    escribe(id: string): void;
    termina(): void;
}
