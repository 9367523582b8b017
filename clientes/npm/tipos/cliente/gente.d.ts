/**
 * @import { Api } from "./api.js"
 * @import { PersonaVista } from "./eventos.js"
 */
import type { Api } from "./api.js";
import type { PersonaVista } from "./eventos.js";
/** Las personas a las que esta ve, y ella misma. */
export declare class Gente {
    #private;
    /** @param {Api} api */
    constructor(api: Api);
    /**
     * Las veinte primeras cuyo nombre o usuario empieza así; sin nada, con quienes se habla primero.
     *
     * @param {string} [q]
     * @returns {Promise<PersonaVista[]>}
     */
    buscar(q?: string): Promise<PersonaVista[]>;
    /**
     * Una. Lanza `NOT_FOUND` si no se la ve, que es como si no existiera.
     *
     * @param {string} id
     * @returns {Promise<PersonaVista>}
     */
    ver(id: string): Promise<PersonaVista>;
    /** @returns {Promise<PersonaVista>} */
    yo(): Promise<PersonaVista>;
    /**
     * @param {{nombre?: string, apellido?: string}} cuerpo
     * @returns {Promise<PersonaVista>}
     */
    cambiar(cuerpo: {
        nombre?: string;
        apellido?: string;
    }): Promise<PersonaVista>;
    /**
     * @param {Blob} archivo
     * @returns {Promise<PersonaVista>}
     */
    ponerAvatar(archivo: Blob): Promise<PersonaVista>;
    /** @returns {Promise<PersonaVista>} */
    quitarAvatar(): Promise<PersonaVista>;
}
