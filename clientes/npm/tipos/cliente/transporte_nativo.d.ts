/** @import { Oyentes } from "./tipos.js" */
import type { Oyentes } from "./tipos.js";
/** La puerta `/ws/mensajeria/`: un objeto JSON por marco. */
export declare class TransporteNativo {
    #private;
    /** @param {string} origen `https://servidor` */
    constructor(origen: string);
    /** @param {Oyentes} oyentes */
    abrir({ alAbrir, alRecibir, alCerrar }: Oyentes): void;
    /**
     * Lanza si no está abierto.
     *
     * @param {string} evento
     * @param {object} datos
     * @param {number} id
     */
    enviar(evento: string, datos: object, id: number): void;
    cerrar(): void;
}
