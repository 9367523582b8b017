/**
 * @import { Api } from "./api.js"
 * @import { Ficha } from "./ficha.js"
 * @import { Fichas } from "./fichas.js"
 */

const PAGINA = 50;
const MAX_PAGINA = 100;

/** Lee historia por páginas, sin pedir dos veces a la vez lo mismo. */
export class Paginas {
  #api;
  #fichas;
  /** @type {Map<string, Promise<number>>} la secuencia menor de cada página que se está leyendo */
  #lecturas = new Map();

  /**
   * @param {Api} api
   * @param {Fichas} fichas
   */
  constructor(api, fichas) {
    this.#api = api;
    this.#fichas = fichas;
  }

  /**
   * Carga los que falten entre dos secuencias, incluidas. Lo que el servidor no tiene queda en hueco.
   *
   * @param {string} id
   * @param {number} desde
   * @param {number} hasta
   */
  async cargar(id, desde, hasta) {
    const ficha = this.#fichas.de(id);
    const primera = Math.max(1, desde);
    const minimo = hasta === desde ? 1 : PAGINA;
    for (let falta, tope = hasta; ficha && (falta = ficha.historial.falta(primera, tope));) {
      const limite = Math.min(MAX_PAGINA, Math.max(minimo, falta - primera + 1));
      // Entre la más antigua de la página y la pedida ya no falta nada que exista.
      tope = (await this.#pagina(ficha, falta + 1, limite)) - 1;
    }
  }

  /**
   * Lee una página y devuelve su secuencia menor; 0 si no trae ninguna, o si ya no es esa ficha.
   *
   * @param {Ficha} ficha
   * @param {number} antes
   * @param {number} limite
   */
  #pagina(ficha, antes, limite) {
    const { id, epoca } = ficha;
    const clave = `${id} ${epoca} ${antes} ${limite}`;
    let lectura = this.#lecturas.get(clave);
    if (!lectura) {
      lectura = this.#api
        .mensajes(id, { antes, limite, epoca })
        .then(({ results, reiniciado }) => {
          if (reiniciado || this.#fichas.de(id) !== ficha) return 0;
          this.#fichas.ponerMensajes(id, results);
          return results.at(-1)?.secuencia ?? 0;
        })
        .finally(() => this.#lecturas.delete(clave));
      this.#lecturas.set(clave, lectura);
    }
    return lectura;
  }
}
