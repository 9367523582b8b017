import type { Almacen } from "./tipos.js";
/** @import { Almacen } from "./tipos.js" */
/**
 * Lo que cada pestaña aparta para sí en un almacén que comparten. Mientras vive tiene su cerrojo; cuando
 * se cierra, otra lo consigue y se queda con lo que dejó.
 */
export declare class Legado {
    #private;
    /**
     * @param {string} prefijo
     * @param {Almacen | null} almacen
     * @param {(texto: string) => void} alHeredar
     */
    constructor(prefijo: string, almacen: Almacen | null, alHeredar: (texto: string) => void);
    /** @param {string | null} texto `null`, nada */
    guardar(texto: string | null): void;
    /** Deja de ser de esta pestaña; con `borrar`, y de ninguna. */
    soltar({ borrar }?: {
        borrar?: boolean | undefined;
    }): void;
}
