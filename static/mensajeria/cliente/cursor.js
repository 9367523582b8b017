/**
 * Hasta qué cambio de una conversación se sabe todo. Un cambio visto más allá del siguiente deja un
 * hueco: falta algo, o el servidor lo resumió en un cambio posterior.
 */
export class Cursor {
  valor;
  /** @type {Set<number>} */
  #adelantados = new Set();

  constructor(valor = 0) {
    this.valor = valor;
  }

  /** @param {number} cambio */
  ver(cambio) {
    if (cambio > this.valor) this.#adelantados.add(cambio);
    this.#avanzar();
  }

  /**
   * Todo hasta `cambio` se sabe.
   *
   * @param {number} cambio
   */
  fijar(cambio) {
    this.valor = Math.max(this.valor, cambio);
    for (const c of this.#adelantados) if (c <= this.valor) this.#adelantados.delete(c);
    this.#avanzar();
  }

  get hueco() {
    return this.#adelantados.size > 0;
  }

  #avanzar() {
    while (this.#adelantados.delete(this.valor + 1)) this.valor++;
  }
}
