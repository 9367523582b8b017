/**
 * La altura de cada fila de una lista larga, medida o supuesta, con sumas en tiempo logarítmico (un
 * árbol de Fenwick): con 100.000 filas, saber qué hay en un punto cuesta 17 pasos.
 */
export class Alturas {
  #supuesta;
  /** @type {Map<number, number>} */
  #medidas = new Map();
  #arbol = new Float64Array(1);
  #total = 0;

  /** @param {number} supuesta */
  constructor(supuesta) {
    this.#supuesta = supuesta;
  }

  get total() {
    return this.#total;
  }

  /**
   * Cambia cuántas filas hay. Reserva de más: añadir de una en una no rehace el árbol.
   *
   * @param {number} total
   */
  crecer(total) {
    if (total >= this.#arbol.length) this.#rehacer(Math.ceil((total + 64) * 1.5));
    this.#total = total;
  }

  /** @param {number} capacidad */
  #rehacer(capacidad) {
    this.#arbol = new Float64Array(capacidad + 1);
    for (let i = 1; i <= capacidad; i++) this.#arbol[i] = this.#supuesta * (i & -i);
    for (const [i, alto] of this.#medidas) this.#sumar(i, alto - this.#supuesta);
  }

  /**
   * @param {number} i
   * @param {number} cuanto
   */
  #sumar(i, cuanto) {
    for (; i < this.#arbol.length; i += i & -i) this.#arbol[i] += cuanto;
  }

  /**
   * Anota la altura de la fila `i` (desde 1); `true` si cambió.
   *
   * @param {number} i
   * @param {number} alto
   */
  medir(i, alto) {
    const cambio = alto - (this.#medidas.get(i) ?? this.#supuesta);
    if (Math.abs(cambio) < 0.05) return false;
    this.#medidas.set(i, alto);
    this.#sumar(i, cambio);
    return true;
  }

  /**
   * Lo que miden juntas las filas de 1 a `i`.
   *
   * @param {number} i
   */
  hasta(i) {
    let suma = 0;
    for (; i > 0; i -= i & -i) suma += this.#arbol[i];
    return suma;
  }

  /**
   * La fila que ocupa ese punto.
   *
   * @param {number} y
   */
  en(y) {
    let i = 0;
    for (let paso = 2 ** Math.floor(Math.log2(this.#arbol.length)); paso; paso >>= 1) {
      if (i + paso < this.#arbol.length && this.#arbol[i + paso] <= y) {
        i += paso;
        y -= this.#arbol[i];
      }
    }
    return Math.max(1, Math.min(this.#total, i + 1));
  }

  /** Nada de lo medido vale ya: cambió el ancho. */
  olvidar() {
    this.#medidas.clear();
    this.#rehacer(this.#arbol.length - 1);
  }
}
