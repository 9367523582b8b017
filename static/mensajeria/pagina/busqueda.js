/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Hallado } from "../cliente/eventos.js"
 * @import { Filtros } from "../cliente/tipos.js"
 *
 * @typedef {"inicial" | "buscando" | "lista" | "siguiendo" | "fallo"} Estado
 */

const LIMITE = 20;
// Cuántas páginas sin nada se leen seguidas hasta que se pide otra vez.
const MAX_VACIAS = 10;

/** Una búsqueda: lo que se pide, lo que se halló y por cuál se va. */
export class Busqueda {
  #cliente;
  #alCambiar;
  #vez = 0;
  /** @type {Filtros} */
  filtros = { q: "" };
  /** @type {Hallado[]} */
  hallazgos = [];
  /** @type {string | null} */
  #siguiente = null;
  /** @type {Estado} */
  estado = "inicial";
  /** @type {unknown} */
  error = null;
  /** Por cuál se va; -1, por ninguno. */
  activo = -1;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {() => void} alCambiar
   */
  constructor(cliente, alCambiar) {
    this.#cliente = cliente;
    this.#alCambiar = alCambiar;
  }

  get hayMas() {
    return this.#siguiente !== null;
  }

  /** Si con lo que se pide se puede buscar: un texto, o algo que no sea solo dónde. */
  get pide() {
    const { q, de, tipo, desde, hasta, con } = this.filtros;
    return Boolean(q || de || tipo || desde || hasta || con);
  }

  vaciar() {
    this.#vez++;
    Object.assign(this, { hallazgos: [], estado: "inicial", error: null, activo: -1 });
    this.#siguiente = null;
    this.#alCambiar();
  }

  /**
   * Busca eso en lugar de lo que hubiera.
   *
   * @param {Filtros} filtros
   */
  async buscar(filtros) {
    this.filtros = filtros;
    if (!this.pide) return this.vaciar();
    this.activo = -1;
    await this.#leer("buscando", null);
  }

  /** La página que sigue; nada, si ya se está leyendo. */
  async seguir() {
    if (this.estado === "lista" && this.#siguiente) await this.#leer("siguiendo", this.#siguiente);
  }

  async reintentar() {
    if (this.hallazgos.length) await this.#leer("siguiendo", this.#siguiente);
    else await this.#leer("buscando", null);
  }

  /**
   * El que sigue o el anterior, leyendo más si hace falta; `null` si no hay.
   *
   * @param {1 | -1} paso
   */
  async mover(paso) {
    const destino = this.activo + paso;
    if (destino >= this.hallazgos.length) await this.seguir();
    return this.elegir(destino);
  }

  /**
   * @param {number} i
   * @returns {Hallado | null}
   */
  elegir(i) {
    const hallazgo = this.hallazgos[i];
    if (!hallazgo) return null;
    this.activo = i;
    this.#alCambiar();
    return hallazgo;
  }

  /**
   * El servidor mira lo que puede de una vez: que en una página no haya nada no dice que no lo haya en
   * las que siguen.
   *
   * @param {string | null} cursor
   */
  async #pagina(cursor) {
    const filtros = { ...this.filtros, limite: LIMITE };
    let pagina = await this.#cliente.buscar(filtros, cursor);
    for (let vacias = 1; !pagina.results.length && pagina.siguiente && vacias < MAX_VACIAS; vacias++)
      pagina = await this.#cliente.buscar(filtros, pagina.siguiente);
    return pagina;
  }

  /**
   * @param {Estado} estado
   * @param {string | null} cursor
   */
  async #leer(estado, cursor) {
    const vez = ++this.#vez;
    this.estado = estado;
    this.error = null;
    this.#alCambiar();
    try {
      const { results, siguiente } = await this.#pagina(cursor);
      if (vez !== this.#vez) return;
      this.hallazgos = estado === "siguiendo" ? [...this.hallazgos, ...results] : results;
      this.#siguiente = siguiente;
      this.estado = "lista";
    } catch (error) {
      if (vez !== this.#vez) return;
      if (estado === "buscando") this.hallazgos = [];
      this.error = error;
      this.estado = "fallo";
    }
    this.#alCambiar();
  }
}
