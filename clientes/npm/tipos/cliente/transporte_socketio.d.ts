/** @import { Oyentes } from "./tipos.js" */
import type { Oyentes } from "./tipos.js";
/**
 * Un paquete de Socket.IO v5: que se entró, un evento o un acuse.
 *
 * @param {string} paquete
 * @param {Pick<Oyentes, "alAbrir" | "alRecibir">} oyentes
 */
export declare function leerSocketIO(paquete: string, { alAbrir, alRecibir }: Pick<Oyentes, "alAbrir" | "alRecibir">): void;
/**
 * La puerta `/socket.io/`, por WebSocket: Engine.IO v4 y Socket.IO v5, lo justo para este cliente.
 * Da los mismos marcos que `TransporteNativo`: el acuse de Socket.IO llega como `respuesta`.
 */
export declare class TransporteSocketIO {
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
