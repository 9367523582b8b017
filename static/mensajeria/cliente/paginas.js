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

  /** Carga los que falten entre dos secuencias, incluidas. Lo que el servidor no tiene queda en hueco. */
  async cargar(id, desde, hasta) {
    const ficha = this.#fichas.de(id);
    const primera = Math.max(1, desde);
    const minimo = hasta === desde ? 1 : PAGINA;
    for (let falta, tope = hasta; ficha && (falta = ficha.historial.falta(primera, tope));) {
      const limite = Math.min(MAX_PAGINA, Math.max(minimo, falta - primera + 1));
      // Entre la más antigua de la página y la pedida ya no falta nada que exista.
      tope = (await this.#pagina(id, falta + 1, limite)) - 1;
    }
  }

  /** Lee una página y devuelve su secuencia menor; 0 si no trae ninguna. */
  #pagina(id, antes, limite) {
    const clave = `${id} ${antes} ${limite}`;
    if (!this.#lecturas.has(clave)) {
      const lectura = this.#api
        .mensajes(id, { antes, limite })
        .then(({ results }) => {
          this.#fichas.ponerMensajes(id, results);
          return results.at(-1)?.secuencia ?? 0;
        })
        .finally(() => this.#lecturas.delete(clave));
      this.#lecturas.set(clave, lectura);
    }
    return this.#lecturas.get(clave);
  }
}
