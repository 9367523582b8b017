import type { Oyentes } from "./tipos.js";
/**
 * La puerta `/socket.io/`, por sondeo HTTP: donde no hay WebSocket (Node 20, una red que lo corta).
 * Da los mismos marcos que `TransporteNativo`.
 */
export declare class TransporteSondeo {
    #private;
    /** @param {string} origen `https://servidor` */
    constructor(origen: string);
    /** @param {Oyentes} oyentes */
    abrir(oyentes: Oyentes): void;
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
