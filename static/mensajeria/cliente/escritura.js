/** @import { Conexion } from "./conexion.js" */

// El servidor da por terminada la escritura a los 6 s de silencio.
const REPETIR = 3_000;
const SILENCIO = 5_000;

/** Avisa de que se escribe, sin repetirlo a cada tecla, y de que se dejó de escribir. */
export class Escritura {
  #conexion;
  /** @type {string | null} */
  #id = null;
  #ultimo = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reloj;

  /** @param {Conexion} conexion */
  constructor(conexion) {
    this.#conexion = conexion;
  }

  /** @param {string} id */
  escribe(id) {
    if (this.#id !== null && this.#id !== id) this.termina();
    clearTimeout(this.#reloj);
    this.#reloj = setTimeout(() => this.termina(), SILENCIO);
    if (this.#id === id && Date.now() - this.#ultimo < REPETIR) return;
    this.#id = id;
    this.#ultimo = Date.now();
    this.#decir(id, true);
  }

  termina() {
    clearTimeout(this.#reloj);
    if (this.#id !== null) this.#decir(this.#id, false);
    this.#id = null;
  }

  /**
   * @param {string} conversacionId
   * @param {boolean} escribiendo
   */
  #decir(conversacionId, escribiendo) {
    this.#conexion.pedir("escribiendo", { conversacionId, escribiendo }).catch(() => {});
  }
}
