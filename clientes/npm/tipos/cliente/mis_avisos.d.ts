/**
 * @import { Api } from "./api.js"
 * @import { Dispositivo, EventosCliente, MisAvisosAqui as Preferencias, PruebaDeAviso } from "./eventos.js"
 */
import type { Api } from "./api.js";
import type { Dispositivo, EventosCliente, MisAvisosAqui as Preferencias, PruebaDeAviso } from "./eventos.js";
/** Qué se le avisa a esta persona, por dónde y en qué dispositivos. */
export declare class MisAvisos {
    #private;
    /** @param {Api} api */
    constructor(api: Api);
    /** @returns {Promise<Preferencias>} */
    ver(): Promise<Preferencias>;
    /**
     * De lo que no se dice, queda lo que haya.
     *
     * @param {EventosCliente["cambiar_avisos"]} cuerpo
     * @returns {Promise<Preferencias>}
     */
    cambiar(cuerpo: EventosCliente["cambiar_avisos"]): Promise<Preferencias>;
    /** @returns {Promise<Dispositivo[]>} el último del que se supo, primero */
    dispositivos(): Promise<Dispositivo[]>;
    /**
     * Registra este navegador, o dice que sigue ahí.
     *
     * @param {PushSubscriptionJSON} suscripcion
     * @param {"es" | "en"} [idioma] en el que se le avisa; sin decirlo, en español
     * @returns {Promise<Dispositivo>}
     */
    registrar({ endpoint, keys }: PushSubscriptionJSON, idioma?: "es" | "en"): Promise<Dispositivo>;
    /**
     * @param {string} id
     * @returns {Promise<null>}
     */
    olvidar(id: string): Promise<null>;
    /**
     * Envía uno ahora, y dice qué pasó.
     *
     * @param {string} id el de un dispositivo, o `aplicacion` o `correo`
     * @returns {Promise<PruebaDeAviso>}
     */
    probar(id: string): Promise<PruebaDeAviso>;
}
