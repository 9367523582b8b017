/**
 * @import { Api } from "./api.js"
 * @import { ArchivoSubido } from "./eventos.js"
 * @import { Subida } from "./tipos.js"
 */

// Un enlace al que le queda menos se da por caducado.
const MARGEN = 60_000;

/** Los archivos de los mensajes: subirlos, verlos y borrar lo que no se llegó a enviar. */
export class Archivos {
  #origen;
  #api;
  /** @type {Map<string, ArchivoSubido>} */
  #vistos = new Map();

  /**
   * @param {string} origen
   * @param {Api} api
   */
  constructor(origen, api) {
    this.#origen = origen;
    this.#api = api;
  }

  /**
   * Sube uno, y no lo envía. Con `estado: "en_revision"` aún no se puede enviar.
   *
   * @param {Blob} archivo
   * @param {Subida & {nombre?: string}} [opciones]
   */
  subir(archivo, { nombre = nombreDe(archivo), ...subida } = {}) {
    return this.#api.subir(archivo, nombre, subida);
  }

  /**
   * Cómo está ahora, con enlaces firmados.
   *
   * @param {string} id
   */
  async ver(id) {
    const forma = await this.#api.archivo(id);
    this.#vistos.set(id, forma);
    return forma;
  }

  /**
   * Una dirección que lo abre sin más credenciales, para `<video>`, `<audio>` o una descarga. Vale un
   * rato: mientras vale, se da la misma. Con `otra`, una nueva.
   *
   * @param {string} id
   */
  async enlace(id, { otra = false } = {}) {
    const visto = otra ? undefined : this.#vistos.get(id);
    const vale = visto && Date.parse(visto.expira) - Date.now() > MARGEN;
    return new URL((vale ? visto : await this.ver(id)).url, this.#origen).href;
  }

  /**
   * Los bytes de una de las rutas que lleva el archivo de un mensaje: `url`, o una de sus miniaturas.
   *
   * @param {string} ruta
   */
  bytes(ruta) {
    return this.#api.bytes(ruta);
  }

  /**
   * Uno propio que no se ha enviado.
   *
   * @param {string} id
   */
  borrar(id) {
    return this.#api.borrarArchivo(id);
  }

  /** Olvida los enlaces que se dieron. */
  olvidar() {
    this.#vistos.clear();
  }
}

/**
 * El de un `File`; un `Blob` no lo tiene.
 *
 * @param {Blob} archivo
 */
export const nombreDe = (archivo) => /** @type {{name?: string}} */ (archivo).name ?? "archivo";
