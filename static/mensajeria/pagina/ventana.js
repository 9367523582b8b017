import { Alturas } from "./alturas.js";

const SUPUESTA = 62;
// Los navegadores no pasan de unos 17 millones de píxeles de alto (Firefox).
const ALTO_MAXIMO = 12_000_000;
const CERCA_DEL_FINAL = 48;
// Cuánto se dibuja más allá de lo que se ve, en pantallas.
const MARGEN = 0.75;
const MAX_VUELTAS = 4;

/**
 * Una lista de miles de filas de la que solo existe lo que está cerca de verse. Lo demás son dos
 * espacios con la altura medida o supuesta, y lo que se mira no se mueve cuando cambia lo de arriba.
 */
export class Ventana {
  #hilo;
  #lista;
  #espacios;
  #dibujar;
  #alMirar;
  #alturas = new Alturas(SUPUESTA);
  /** @type {Map<number, HTMLElement>} */
  #filas = new Map();
  #ancla = { fila: 1, dentro: 0 };
  #ancho = 0;
  /** Está al final y lo sigue. */
  pegada = true;

  /**
   * @param {{hilo: HTMLElement, lista: HTMLElement, arriba: HTMLElement, abajo: HTMLElement,
   *   dibujar: (n: number, fila?: HTMLElement) => HTMLElement,
   *   alMirar: (desde: number, hasta: number) => void}} opciones
   */
  constructor({ hilo, lista, arriba, abajo, dibujar, alMirar }) {
    this.#hilo = hilo;
    this.#lista = lista;
    this.#espacios = { arriba, abajo };
    this.#dibujar = dibujar;
    this.#alMirar = alMirar;
    hilo.addEventListener("scroll", () => this.#alDesplazar(), { passive: true });
    const observador = new ResizeObserver(() => this.#alMedir());
    observador.observe(hilo);
    observador.observe(lista);
  }

  get total() {
    return this.#alturas.total;
  }

  /**
   * Empieza otra vez, con esas filas. Sin `en`, al final.
   *
   * @param {number} total
   * @param {number} [en]
   */
  empezar(total, en) {
    this.#alturas = new Alturas(Math.min(SUPUESTA, ALTO_MAXIMO / Math.max(1, total)));
    this.#alturas.crecer(total);
    this.#filas.clear();
    this.#lista.replaceChildren();
    this.pegada = !en;
    this.#ancla = { fila: en ?? Math.max(1, total), dentro: en ? -24 : 0 };
    this.pintar();
  }

  /** @param {number} total */
  crecer(total) {
    if (total === this.total) return;
    this.#alturas.crecer(total);
    this.pintar();
  }

  /**
   * Lleva esa fila a la vista.
   *
   * @param {number} n
   */
  ir(n) {
    this.pegada = false;
    this.#ancla = { fila: n, dentro: -this.#hilo.clientHeight / 3 };
    this.pintar();
  }

  get alFinal() {
    const { scrollTop, scrollHeight, clientHeight } = this.#hilo;
    return scrollHeight - scrollTop - clientHeight < CERCA_DEL_FINAL;
  }

  /** Si todo cabe en la vista, está al final aunque nadie haya desplazado nada. */
  pegarSiCabe() {
    this.pegada ||= this.alFinal;
  }

  irAlFinal() {
    this.pegada = true;
    this.pintar();
  }

  /** @param {number} n */
  fila(n) {
    return this.#filas.get(n);
  }

  /**
   * La primera y la última fila que se ven ahora.
   *
   * @returns {[number, number]}
   */
  get vistas() {
    const { scrollTop, clientHeight } = this.#hilo;
    return [this.#en(scrollTop), this.#en(scrollTop + clientHeight - 12)];
  }

  get dibujadas() {
    return [...this.#filas.keys()];
  }

  /**
   * Vuelve a dibujar esas filas, si existen.
   *
   * @param {Iterable<number>} numeros
   */
  refrescar(numeros) {
    for (const n of numeros) if (this.#filas.has(n)) this.#dibujar(n, this.#filas.get(n));
    this.#asentar();
  }

  /** Dibuja lo que toca y deja lo que se mira donde estaba. */
  pintar() {
    if (!this.total || !this.#hilo.clientHeight) return;
    this.#ancho ||= this.#lista.clientWidth;
    // Medir puede cambiar qué cabe: unas pocas vueltas bastan para que no quede hueco.
    for (let vuelta = 0; vuelta < MAX_VUELTAS; vuelta++) {
      const [desde, hasta] = this.#tramo();
      const cambio = this.#poner(desde, hasta);
      this.#asentar();
      if (!cambio) break;
    }
    this.#alMirar(...this.vistas);
  }

  /** @param {number} y */
  #en(y) {
    return this.#alturas.en(Math.max(0, y - this.#relleno));
  }

  #posicion() {
    const alto = this.#hilo.clientHeight;
    if (this.pegada) return Math.max(0, this.#alturas.hasta(this.total) - alto);
    return Math.max(0, this.#alturas.hasta(this.#ancla.fila - 1) + this.#ancla.dentro);
  }

  #tramo() {
    const y = this.#posicion();
    const alto = this.#hilo.clientHeight;
    return [this.#alturas.en(y - alto * MARGEN), this.#alturas.en(y + alto * (1 + MARGEN))];
  }

  /**
   * Deja en el documento solo ese tramo; `true` si creó alguna fila.
   *
   * @param {number} desde
   * @param {number} hasta
   */
  #poner(desde, hasta) {
    for (const [n, fila] of this.#filas) {
      if (n >= desde && n <= hasta) continue;
      if (fila.contains(document.activeElement)) this.#hilo.focus({ preventScroll: true });
      fila.remove();
      this.#filas.delete(n);
    }
    let creadas = false;
    /** @type {HTMLElement | null} */
    let siguiente = null;
    for (let n = hasta; n >= desde; n--) {
      let fila = this.#filas.get(n);
      if (!fila) {
        fila = this.#dibujar(n);
        this.#filas.set(n, fila);
        this.#lista.insertBefore(fila, siguiente);
        creadas = true;
      }
      siguiente = fila;
    }
    this.#espacios.arriba.style.height = `${this.#alturas.hasta(desde - 1)}px`;
    return creadas;
  }

  /** Mide lo dibujado, ajusta los espacios y devuelve la vista a su sitio. */
  #asentar() {
    const numeros = this.dibujadas.sort((a, b) => a - b);
    if (!numeros.length) return;
    this.#medir(numeros);
    const [desde, hasta] = [numeros[0], numeros[numeros.length - 1]];
    this.#espacios.arriba.style.height = `${this.#alturas.hasta(desde - 1)}px`;
    this.#espacios.abajo.style.height = `${this.#alturas.hasta(this.total) - this.#alturas.hasta(hasta)}px`;
    const destino = this.pegada ? this.#hilo.scrollHeight : this.#posicion() + this.#relleno;
    if (Math.abs(this.#hilo.scrollTop - destino) > 0.5) this.#hilo.scrollTop = destino;
  }

  /**
   * Una fila mide lo que hay hasta la siguiente: la que tiene otra al lado, nada.
   *
   * @param {number[]} numeros en orden
   */
  #medir(numeros) {
    const cajas = numeros.map((n) => /** @type {HTMLElement} */ (this.#filas.get(n)).getBoundingClientRect());
    cajas.forEach(({ top, bottom }, i) => {
      this.#alturas.medir(numeros[i], (cajas[i + 1]?.top ?? bottom) - top);
    });
  }

  // Lo que hay en el hilo antes del primer espacio.
  get #relleno() {
    return this.#espacios.arriba.offsetTop;
  }

  #alDesplazar() {
    this.pegada = this.alFinal;
    const y = Math.max(0, this.#hilo.scrollTop - this.#relleno);
    const fila = this.#alturas.en(y);
    this.#ancla = { fila, dentro: y - this.#alturas.hasta(fila - 1) };
    this.pintar();
  }

  #alMedir() {
    const ancho = this.#lista.clientWidth;
    if (ancho && this.#ancho && ancho !== this.#ancho) this.#alturas.olvidar();
    this.#ancho = ancho;
    this.pintar();
  }
}
