/**
 * @import { Api } from "./api.js"
 * @import { Ficha } from "./ficha.js"
 * @import { Fichas } from "./fichas.js"
 */
import type { Api } from "./api.js";
import type { Fichas } from "./fichas.js";
/** Lee historia por páginas, sin pedir dos veces a la vez lo mismo. */
export declare class Paginas {
    #private;
    /**
     * @param {Api} api
     * @param {Fichas} fichas
     */
    constructor(api: Api, fichas: Fichas);
    /**
     * Carga los que falten entre dos secuencias, incluidas. Lo que el servidor no tiene queda en hueco.
     *
     * @param {string} id
     * @param {number} desde
     * @param {number} hasta
     */
    cargar(id: string, desde: number, hasta: number): Promise<void>;
}
