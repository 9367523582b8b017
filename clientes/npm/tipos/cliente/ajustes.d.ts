/**
 * @import { Api } from "./api.js"
 * @import { Conversacion, Preferencias } from "./eventos.js"
 * @import { Fichas } from "./fichas.js"
 */
import type { Api } from "./api.js";
import type { Preferencias } from "./eventos.js";
import type { Fichas } from "./fichas.js";
/** Cómo es una conversación para todos, y cómo la quiere tener cada cual. */
export declare class Ajustes {
    #private;
    /**
     * @param {Api} api
     * @param {Fichas} fichas
     */
    constructor(api: Api, fichas: Fichas);
    /**
     * Su nombre y su descripción.
     *
     * @param {string} id
     * @param {{nombrePersonalizado?: string, descripcion?: string}} cuerpo
     */
    cambiar(id: string, cuerpo: {
        nombrePersonalizado?: string;
        descripcion?: string;
    }): Promise<void>;
    /**
     * @param {string} id
     * @param {Blob} archivo
     */
    ponerAvatar(id: string, archivo: Blob): Promise<void>;
    /** @param {string} id */
    quitarAvatar(id: string): Promise<void>;
    /**
     * Solo para uno mismo, en todos sus dispositivos.
     *
     * @param {string} id
     * @param {Partial<Preferencias>} cuerpo
     */
    preferir(id: string, cuerpo: Partial<Preferencias>): Promise<void>;
}
