import type { Api } from "./api.js";
import type { Conexion } from "./conexion.js";
import type { Ficha } from "./ficha.js";
import type { Fichas } from "./fichas.js";
/** Pone al día las conversaciones: tras reconectar, y cuando en una falta algo. */
export declare class Sincronia {
    #private;
    /**
     * @param {Conexion} conexion
     * @param {Api} api
     * @param {Fichas} fichas
     */
    constructor(conexion: Conexion, api: Api, fichas: Fichas);
    /** Todo lo que pasó desde cada cursor. Lo que ya no es de esta persona se quita. */
    reanudar(): Promise<void>;
    /**
     * La base volvió atrás: lo que llegue ahora se numera en esa época. Con azar, para que no lo pidan
     * todos a la vez.
     *
     * @param {string} epoca
     */
    cambiarDeEpoca(epoca: string): void;
    /**
     * Se une a una conversación y recibe lo que le faltaba.
     *
     * @param {string} id
     */
    unirse(id: string): Promise<{
        timestamp: string;
        conversacionId: string;
        participantes_conectados: Array<string>;
        ultimaSecuencia: number;
        ultimoCambio: number;
        conversacion: import("./eventos.js").Conversacion;
        cambios: Array<import("./eventos.js").Mensaje>;
        completo: boolean;
        epoca: string;
        reiniciado: boolean;
    }>;
    /** @param {string} id */
    leerForma(id: string): Promise<Ficha | undefined>;
}
