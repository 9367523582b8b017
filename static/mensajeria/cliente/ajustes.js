/**
 * @import { Api } from "./api.js"
 * @import { Conversacion, Preferencias } from "./eventos.js"
 * @import { Fichas } from "./fichas.js"
 */

/** @param {string} id */
const rutaDe = (id) => `/api/mensajeria/conversaciones/${encodeURIComponent(id)}/`;

/** Cómo es una conversación para todos, y cómo la quiere tener cada cual. */
export class Ajustes {
  #api;
  #fichas;

  /**
   * @param {Api} api
   * @param {Fichas} fichas
   */
  constructor(api, fichas) {
    this.#api = api;
    this.#fichas = fichas;
  }

  /**
   * Su nombre y su descripción.
   *
   * @param {string} id
   * @param {{nombrePersonalizado?: string, descripcion?: string}} cuerpo
   */
  async cambiar(id, cuerpo) {
    this.#guardar(await this.#api.pedir("PATCH", rutaDe(id), { cuerpo }));
  }

  /**
   * @param {string} id
   * @param {Blob} archivo
   */
  async ponerAvatar(id, archivo) {
    this.#guardar(await this.#api.poner(`${rutaDe(id)}avatar/`, archivo));
  }

  /** @param {string} id */
  async quitarAvatar(id) {
    this.#guardar(await this.#api.pedir("DELETE", `${rutaDe(id)}avatar/`));
  }

  /**
   * Solo para uno mismo, en todos sus dispositivos.
   *
   * @param {string} id
   * @param {Partial<Preferencias>} cuerpo
   */
  async preferir(id, cuerpo) {
    /** @type {Preferencias} */
    const preferencias = await this.#api.pedir("PATCH", `${rutaDe(id)}preferencias/`, { cuerpo });
    this.#fichas.preferir(id, preferencias);
  }

  /** @param {Conversacion} forma */
  #guardar(forma) {
    this.#fichas.ponerConversacion(forma);
  }
}
