import { nuevoId } from "./ids.js";

/** @import { Almacen } from "./tipos.js" */

/**
 * Lo que cada pestaña aparta para sí en un almacén que comparten. Mientras vive tiene su cerrojo; cuando
 * se cierra, otra lo consigue y se queda con lo que dejó.
 */
export class Legado {
  /** @type {AbortController | null} */
  #vida = null;
  #clave;
  #prefijo;
  #almacen;

  /**
   * @param {string} prefijo
   * @param {Almacen | null} almacen
   * @param {(texto: string) => void} alHeredar
   */
  constructor(prefijo, almacen, alHeredar) {
    this.#prefijo = prefijo;
    this.#almacen = almacen;
    const cerrojos = globalThis.navigator?.locks;
    // Sin cerrojos no se sabe si hay otras: se guarda como si no.
    this.#clave = cerrojos ? `${prefijo}.${nuevoId()}` : prefijo;
    if (almacen && cerrojos) this.#vivir(cerrojos, alHeredar);
    else this.#heredar(prefijo, alHeredar);
  }

  /**
   * @param {LockManager} cerrojos
   * @param {(texto: string) => void} alHeredar
   */
  #vivir(cerrojos, alHeredar) {
    this.#vida = new AbortController();
    const { signal } = this.#vida;
    const hastaElFinal = () => new Promise((fin) => signal.addEventListener("abort", fin));
    const morir = () => {};
    cerrojos.request(this.#clave, { signal }, hastaElFinal).catch(morir);
    for (const clave of this.#ajenas())
      cerrojos.request(clave, { signal }, () => this.#heredar(clave, alHeredar)).catch(morir);
  }

  /** @param {string | null} texto `null`, nada */
  guardar(texto) {
    if (texto === null) this.#almacen?.removeItem(this.#clave);
    else this.#almacen?.setItem(this.#clave, texto);
  }

  /** Deja de ser de esta pestaña; con `borrar`, y de ninguna. */
  soltar({ borrar = false } = {}) {
    this.#vida?.abort();
    if (borrar) for (const clave of [this.#clave, ...this.#ajenas()]) this.#almacen?.removeItem(clave);
  }

  #ajenas() {
    const prefijo = `${this.#prefijo}.`;
    return Object.keys(this.#almacen ?? {}).filter(
      (clave) => clave.startsWith(prefijo) && !clave.slice(prefijo.length).includes("."),
    );
  }

  /**
   * @param {string} clave
   * @param {(texto: string) => void} alHeredar
   */
  #heredar(clave, alHeredar) {
    const texto = this.#almacen?.getItem(clave);
    if (!texto) return;
    this.#almacen?.removeItem(clave);
    alHeredar(texto);
  }
}
