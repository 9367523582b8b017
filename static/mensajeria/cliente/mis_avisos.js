/**
 * @import { Api } from "./api.js"
 * @import { Dispositivo, EventosCliente, MisAvisosAqui as Preferencias, PruebaDeAviso } from "./eventos.js"
 */

const RUTA = "/api/mensajeria/";

/** @param {string} id */
const deDispositivo = (id) => `${RUTA}dispositivos/${encodeURIComponent(id)}/`;

/** Qué se le avisa a esta persona, por dónde y en qué dispositivos. */
export class MisAvisos {
  #api;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @returns {Promise<Preferencias>} */
  ver() {
    return this.#api.pedir("GET", `${RUTA}preferencias/`);
  }

  /**
   * De lo que no se dice, queda lo que haya.
   *
   * @param {EventosCliente["cambiar_avisos"]} cuerpo
   * @returns {Promise<Preferencias>}
   */
  cambiar(cuerpo) {
    return this.#api.pedir("PATCH", `${RUTA}preferencias/`, { cuerpo });
  }

  /** @returns {Promise<Dispositivo[]>} el último del que se supo, primero */
  dispositivos() {
    return this.#api.pedir("GET", `${RUTA}dispositivos/`);
  }

  /**
   * Registra este navegador, o dice que sigue ahí.
   *
   * @param {PushSubscriptionJSON} suscripcion
   * @param {"es" | "en"} [idioma] en el que se le avisa; sin decirlo, en español
   * @returns {Promise<Dispositivo>}
   */
  registrar({ endpoint, keys }, idioma) {
    const claves = { p256dh: keys?.p256dh, auth: keys?.auth };
    const cuerpo = { canal: "webpush", punto: endpoint, claves, idioma };
    return this.#api.pedir("POST", `${RUTA}dispositivos/`, { cuerpo });
  }

  /**
   * @param {string} id
   * @returns {Promise<null>}
   */
  olvidar(id) {
    return this.#api.pedir("DELETE", deDispositivo(id));
  }

  /**
   * Envía uno ahora, y dice qué pasó.
   *
   * @param {string} id el de un dispositivo, o `aplicacion` o `correo`
   * @returns {Promise<PruebaDeAviso>}
   */
  probar(id) {
    return this.#api.pedir("POST", `${deDispositivo(id)}probar/`);
  }
}
