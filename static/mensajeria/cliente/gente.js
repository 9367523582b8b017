/**
 * @import { Api } from "./api.js"
 * @import { Perfil, PersonaVista } from "./tipos.js"
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

  /** @returns {Promise<Perfil>} */
  yo() {
    return this.#api.pedir("GET", "/api/mensajeria/usuarios/yo/");
  }

  /**
   * @param {{nombre?: string, apellido?: string}} cuerpo
   * @returns {Promise<Perfil>}
   */
  cambiar(cuerpo) {
    return this.#api.pedir("PATCH", "/api/mensajeria/usuarios/yo/", { cuerpo });
  }

  /**
   * @param {Blob} archivo
   * @returns {Promise<Perfil>}
   */
  ponerAvatar(archivo) {
    return this.#api.poner("/api/mensajeria/usuarios/yo/avatar/", archivo);
  }

  /** @returns {Promise<Perfil>} */
  quitarAvatar() {
    return this.#api.pedir("DELETE", "/api/mensajeria/usuarios/yo/avatar/");
  }
}
