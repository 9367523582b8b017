/** @import { Ventana } from "./ventana.js" */

/** Recorrer los mensajes con el teclado: hay una fila activa, y el tabulador solo pasa por ella. */
export class Recorrido {
  #ventana;
  #activa = 0;

  /**
   * @param {HTMLElement} hilo
   * @param {Ventana} ventana
   */
  constructor(hilo, ventana) {
    this.#ventana = ventana;
    hilo.addEventListener("keydown", (evento) => this.#alTeclear(evento));
    hilo.addEventListener("focusin", ({ target }) => {
      const fila = filaDe(target);
      if (fila) this.#activar(numeroDe(fila));
    });
  }

  /** Ninguna fila es la activa. */
  empezar() {
    this.#activa = 0;
  }

  /**
   * Con el tabulador se llega a la fila activa y a sus botones, no a los de todas.
   *
   * @param {HTMLElement} fila
   */
  marcar(fila) {
    const orden = numeroDe(fila) === this.#activa ? 0 : -1;
    fila.tabIndex = orden;
    for (const boton of fila.querySelectorAll(/** @type {"a"} */ ("button, a, input")))
      boton.tabIndex = orden;
  }

  /** @param {number} n */
  enfocar(n) {
    this.#activar(n);
    this.#ventana.fila(n)?.focus({ preventScroll: true });
  }

  /** @param {number} n */
  #activar(n) {
    if (n === this.#activa) return;
    const previa = this.#ventana.fila(this.#activa);
    this.#activa = n;
    for (const fila of [previa, this.#ventana.fila(n)]) if (fila) this.marcar(fila);
  }

  /** @param {KeyboardEvent} evento */
  #alTeclear(evento) {
    const enFila = filaDe(evento.target);
    const actual = enFila ? numeroDe(enFila) : this.#ventana.vistas[1] + 1;
    /** @type {Record<string, number>} */
    const destinos = { ArrowUp: actual - 1, ArrowDown: actual + 1, Home: 1, End: this.#ventana.total };
    const { key } = evento;
    // Las flechas mueven la barra de un audio.
    if (evento.target instanceof HTMLInputElement) return;
    if (evento.altKey || evento.ctrlKey || evento.metaKey) return;
    if (key in destinos) {
      evento.preventDefault();
      this.#moverA(Math.max(1, Math.min(this.#ventana.total, destinos[key])), key);
    } else if (enFila && enFila === evento.target && (key === "Enter" || key === " ")) {
      evento.preventDefault();
      botonDe(enFila, "menu")?.click();
    }
  }

  /**
   * @param {number} n
   * @param {string} tecla
   */
  #moverA(n, tecla) {
    if (!this.#ventana.total) return;
    if (tecla === "End") this.#ventana.irAlFinal();
    else if (!this.#ventana.fila(n)) this.#ventana.ir(n);
    this.enfocar(n);
    this.#ventana.fila(n)?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * El botón de esa acción en la fila de un mensaje.
 *
 * @param {HTMLElement} fila
 * @param {string} accion
 * @returns {HTMLElement | null}
 */
export const botonDe = (fila, accion) => fila.querySelector(`[data-accion="${CSS.escape(accion)}"]`);

/** @param {EventTarget | null} destino */
const filaDe = (destino) =>
  destino instanceof Element
    ? /** @type {HTMLElement | null} */ (destino.closest("#mensajes > .fila"))
    : null;

/** @param {HTMLElement} fila */
const numeroDe = (fila) => Number(fila.dataset.n);
