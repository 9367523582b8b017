const PAGINA = 50;
const MAX_PAGINA = 100;

/** Lee historia por páginas, sin pedir dos veces a la vez lo mismo. */
export class Paginas {
  #api;
  #fichas;
  #lecturas = new Map();

  constructor(api, fichas) {
    this.#api = api;
    this.#fichas = fichas;
  }

  /** Carga los que falten entre dos secuencias, incluidas. */
  async cargar(id, desde, hasta) {
    const ficha = this.#fichas.de(id);
    const primera = Math.max(1, desde);
    for (let falta; ficha && (falta = ficha.historial.falta(primera, hasta)); ) {
      const minimo = hasta === desde ? 1 : PAGINA;
      await this.#pagina(id, falta + 1, Math.min(MAX_PAGINA, Math.max(minimo, falta - primera + 1)));
      if (ficha.historial.falta(falta, falta)) return;
    }
  }

  #pagina(id, antes, limite) {
    const clave = `${id} ${antes}`;
    if (!this.#lecturas.has(clave)) {
      const lectura = this.#api
        .mensajes(id, { antes, limite })
        .then(({ results }) => this.#fichas.ponerMensajes(id, results))
        .finally(() => this.#lecturas.delete(clave));
      this.#lecturas.set(clave, lectura);
    }
    return this.#lecturas.get(clave);
  }
}
