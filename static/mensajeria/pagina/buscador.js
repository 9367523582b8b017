import { esFoto } from "./foto.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Archivo, Mensaje } from "../cliente/eventos.js"
 *
 * @typedef {Mensaje & {contenido: {archivo: Archivo & {_id: string}}}} ConArchivo
 * @typedef {{mensaje: ConArchivo | null, fin: boolean}} Hallado con `fin`, ya no hay más
 */

// Lo que se lee de una vez, y cuántas veces hasta que se vuelve a pedir.
const PAGINA = 100;
const MAX_PAGINAS = 10;

/**
 * Si lleva algo que se ve en el visor.
 *
 * @param {Mensaje} mensaje
 * @returns {mensaje is ConArchivo}
 */
export function seVe(mensaje) {
  const { archivo } = mensaje.contenido;
  const esVideo = Boolean(archivo?._id && archivo.clase === "video");
  return !mensaje.eliminado.eliminado && (esFoto(archivo) || esVideo);
}

/** Busca la imagen que sigue entre los mensajes de una conversación, leyendo los que hagan falta. */
export class Buscador {
  #cliente;
  #vez = 0;
  /** @type {Map<string, number>} por dónde se quedó, si no halló ninguna */
  #puntos = new Map();

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    this.#cliente = cliente;
  }

  /** Lo que se estuviera buscando ya no interesa. */
  dejar() {
    this.#vez++;
    this.#puntos.clear();
  }

  /**
   * La primera desde un mensaje, hacia atrás o hacia delante.
   *
   * @param {string} id
   * @param {number} secuencia
   * @param {1 | -1} paso
   * @param {() => void} alLeer hay que leer del servidor
   * @returns {Promise<Hallado | null>} `null` si se pidió otra cosa entre tanto
   */
  async siguiente(id, secuencia, paso, alLeer) {
    const vez = ++this.#vez;
    const clave = `${secuencia} ${paso}`;
    let n = this.#puntos.get(clave) ?? secuencia + paso;
    for (let paginas = 0; this.#existe(id, n); n += paso) {
      let mensaje = this.#cliente.mensaje(id, n);
      if (!mensaje && paginas < MAX_PAGINAS) {
        paginas++;
        alLeer();
        await this.#leer(id, n, paso);
        if (vez !== this.#vez) return null;
        mensaje = this.#cliente.mensaje(id, n);
      } else if (!mensaje) {
        this.#puntos.set(clave, n);
        return { mensaje: null, fin: false };
      }
      if (mensaje && seVe(mensaje)) return { mensaje, fin: false };
    }
    return { mensaje: null, fin: true };
  }

  /**
   * @param {string} id
   * @param {number} n
   */
  #existe(id, n) {
    return n >= 1 && n <= (this.#cliente.conversacion(id)?.ultimaSecuencia ?? 0);
  }

  /**
   * @param {string} id
   * @param {number} n
   * @param {1 | -1} paso
   */
  #leer(id, n, paso) {
    const otra = n + paso * (PAGINA - 1);
    return this.#cliente.cargar(id, Math.min(n, otra), Math.max(n, otra));
  }
}
