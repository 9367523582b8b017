import { porId } from "./dom.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 *
 * @typedef {object} Hueco Lo que del hilo hace falta saber.
 * @property {(n: number) => boolean} hay si está cargado
 * @property {() => number} total
 * @property {(error: unknown) => void} alAcabar
 */

// Cuántos mensajes se piden más allá de lo que se ve.
export const PREVISION = 60;
// Al arrastrar la barra no se pide cada sitio por el que se pasa.
const REPOSO = 90;

/** Pide los mensajes cercanos a los que se miran. */
export class Cercanos {
  #cliente;
  #hilo;
  /** @type {string | null} */
  #id = null;
  #cargas = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reloj;
  // Lo que el servidor no tiene (una importación con huecos): no se vuelve a pedir.
  /** @type {Set<number>} */
  #inexistentes = new Set();

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Hueco} hilo
   */
  constructor(cliente, hilo) {
    this.#cliente = cliente;
    this.#hilo = hilo;
  }

  /** @param {string | null} id */
  empezar(id) {
    this.#id = id;
    this.#inexistentes.clear();
  }

  get cargando() {
    return this.#cargas > 0;
  }

  /**
   * Se mira desde uno hasta otro.
   *
   * @param {number} desde
   * @param {number} hasta
   */
  pedir(desde, hasta) {
    clearTimeout(this.#reloj);
    const primera = Math.max(1, desde - PREVISION);
    const ultima = Math.min(this.#hilo.total(), hasta + PREVISION);
    if (!this.#faltan(primera, ultima)) return;
    // Quien desplaza sin parar recibe historia sin parar; quien salta, cuando se detiene.
    const salto = this.#faltan(desde, desde) && this.#faltan(hasta, hasta);
    if (salto) this.#reloj = setTimeout(() => this.cargar(primera, ultima), REPOSO);
    else if (!this.#cargas) this.cargar(primera, ultima);
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  async cargar(desde, hasta) {
    const id = this.#id;
    if (id === null) return;
    let error = null;
    this.#cargas++;
    porId("hilo").setAttribute("aria-busy", "true");
    try {
      await this.#cliente.cargar(id, desde, hasta);
      if (id === this.#id) this.#anotarInexistentes(desde, hasta);
      this.#cliente.podar(id, desde - 500, hasta + 500);
    } catch (causa) {
      error = causa;
    } finally {
      if (!--this.#cargas) porId("hilo").removeAttribute("aria-busy");
    }
    if (id === this.#id) this.#hilo.alAcabar(error);
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #anotarInexistentes(desde, hasta) {
    const ultima = Math.min(hasta, this.#hilo.total());
    for (let n = Math.max(1, desde); n <= ultima; n++) {
      if (!this.#hilo.hay(n)) this.#inexistentes.add(n);
    }
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #faltan(desde, hasta) {
    for (let n = desde; n <= hasta; n++) {
      if (!this.#hilo.hay(n) && !this.#inexistentes.has(n)) return true;
    }
    return false;
  }
}
