/**
 * @import { Api } from "./api.js"
 * @import { PersonaVista } from "./eventos.js"
 */

const parte = encodeURIComponent;

/** Las personas a las que esta ve, y ella misma. */
export class Gente {
  #api;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * Las veinte primeras cuyo nombre o usuario empieza así; sin nada, con quienes se habla primero.
   *
   * @param {string} [q]
   * @returns {Promise<PersonaVista[]>}
   */
  async buscar(q = "") {
    /** @type {{results: PersonaVista[]}} */
    const { results } = await this.#api.pedir("GET", "/api/mensajeria/usuarios/", { parametros: { q } });
    return results;
  }

  /**
   * Una. Lanza `NOT_FOUND` si no se la ve, que es como si no existiera.
   *
   * @param {string} id
   * @returns {Promise<PersonaVista>}
   */
  ver(id) {
    return this.#api.pedir("GET", `/api/mensajeria/usuarios/${parte(id)}/`);
  }

  /** @returns {Promise<PersonaVista>} */
  yo() {
    return this.#api.pedir("GET", "/api/mensajeria/usuarios/yo/");
  }

  /**
   * @param {{nombre?: string, apellido?: string}} cuerpo
   * @returns {Promise<PersonaVista>}
   */
  cambiar(cuerpo) {
    return this.#api.pedir("PATCH", "/api/mensajeria/usuarios/yo/", { cuerpo });
  }

  /**
   * @param {Blob} archivo
   * @returns {Promise<PersonaVista>}
   */
  ponerAvatar(archivo) {
    return this.#api.poner("/api/mensajeria/usuarios/yo/avatar/", archivo);
  }

  /** @returns {Promise<PersonaVista>} */
  quitarAvatar() {
    return this.#api.pedir("DELETE", "/api/mensajeria/usuarios/yo/avatar/");
  }
}
