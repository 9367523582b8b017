import { esFoto } from "./foto.js";
import { vaJunto } from "./juntos.js";

/**
 * @import { Mensaje } from "../cliente/eventos.js"
 *
 * @typedef {{lugar: number, total: number}} Sitio el de una imagen en su rejilla, desde 0
 */

/** Qué imágenes seguidas de una misma persona se ven juntas, en una rejilla. */
export class Mosaico {
  #mensaje;
  /** @type {Map<number, Sitio | null>} */
  #sitios = new Map();

  /** @param {(n: number) => Mensaje | undefined} mensaje el de esa secuencia, si está cargado */
  constructor(mensaje) {
    this.#mensaje = mensaje;
  }

  /** Algún mensaje cambió. */
  olvidar() {
    this.#sitios.clear();
  }

  /**
   * El de ese mensaje; `null` si no va en ninguna rejilla.
   *
   * @param {number} n
   * @param {number} divisor el mensaje que empieza por el aviso de los no leídos
   */
  sitio(n, divisor) {
    if (!this.#sitios.has(n)) this.#colocar(n, divisor);
    return this.#sitios.get(n) ?? null;
  }

  /**
   * @param {number} n
   * @param {number} divisor
   */
  #colocar(n, divisor) {
    let primera = n;
    let ultima = n;
    while (this.#sigue(primera, divisor)) primera--;
    while (this.#sigue(ultima + 1, divisor)) ultima++;
    const total = ultima - primera + 1;
    for (let i = primera; i <= ultima; i++)
      this.#sitios.set(i, total > 1 ? { lugar: i - primera, total } : null);
  }

  /**
   * Si es una imagen, sin nada dicho, detrás de otra de la misma persona.
   *
   * @param {number} n
   * @param {number} divisor
   */
  #sigue(n, divisor) {
    const [mensaje, previo] = [this.#mensaje(n), this.#mensaje(n - 1)];
    if (n === divisor || !mensaje || !previo || !seVe(mensaje) || !seVe(previo)) return false;
    const dice = mensaje.contenido.texto.trim() || mensaje.respuestaA || mensaje.prioridad !== "normal";
    return !dice && vaJunto(mensaje, previo);
  }
}

/** @param {Mensaje} mensaje */
const seVe = ({ contenido, eliminado }) => !eliminado.eliminado && esFoto(contenido.archivo);
