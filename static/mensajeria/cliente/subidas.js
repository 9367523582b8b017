import { ARCHIVO_PERDIDO, ARCHIVO_RETIRADO, comoError, ErrorMensajeria } from "./errores.js";

/**
 * @import { Archivos } from "./archivos.js"
 * @import { Envio } from "./tipos.js"
 *
 * @typedef {object} Dueno Quien tiene los envíos.
 * @property {(envio: Envio, estado: Envio["estado"], error?: ErrorMensajeria | null) => void} pasar
 * @property {(envio: Envio, fraccion: number) => void} progresar
 */

// El servidor admite seis a la vez de cada persona, y mira dos.
const A_LA_VEZ = 2;
const ESPERA = 1_000;
const MAX_ESPERA = 30_000;
const MAX_INTERNOS = 3;
const MAX_PERDIDOS = 2;
const REVISION = 3_000;

/**
 * Si ese envío espera a que su archivo acabe de subirse.
 *
 * @param {Envio} envio
 */
export const faltaSubir = ({ archivo }) => Boolean(archivo && (!archivo.id || archivo.enRevision));

/**
 * Sube los archivos de los envíos: pocos a la vez, y desde el principio si se corta. El mensaje sale
 * después, así que no se dobla.
 */
export class Subidas {
  #archivos;
  #dueno;
  /** @type {Map<string, Blob>} por su envío; de los que quedaron de otra vez, no hay */
  #blobs = new Map();
  /** @type {Map<string, AbortController>} */
  #enCurso = new Map();
  #subiendo = 0;
  /** @type {Set<() => void>} los que esperan para volver a intentarlo */
  #esperas = new Set();

  /**
   * @param {Archivos} archivos
   * @param {Dueno} dueno
   */
  constructor(archivos, dueno) {
    this.#archivos = archivos;
    this.#dueno = dueno;
  }

  /**
   * @param {string} idCliente
   * @param {Blob} blob
   */
  guardar(idCliente, blob) {
    this.#blobs.set(idCliente, blob);
  }

  /** @param {string} idCliente */
  blob(idCliente) {
    return this.#blobs.get(idCliente);
  }

  /**
   * Empieza las que quepan, en orden.
   *
   * @param {Envio[]} envios
   */
  correr(envios) {
    for (const envio of envios) {
      if (envio.estado !== "pendiente" || !faltaSubir(envio) || this.#enCurso.has(envio.idCliente)) continue;
      if (envio.archivo?.id) this.#empezar(envio, (signal) => this.#revisar(envio, signal));
      else if (this.#subiendo < A_LA_VEZ) this.#empezar(envio, (signal) => this.#subir(envio, signal));
    }
  }

  /** Volvió la conexión: las que esperaban lo intentan ya. */
  seguir() {
    for (const despertar of [...this.#esperas]) despertar();
  }

  /**
   * El archivo subido ya no está en el servidor: `true` si se puede subir otra vez.
   *
   * @param {Envio} envio
   */
  repetir({ idCliente, archivo, datos }) {
    const perdido = (archivo?.perdido ?? 0) + 1;
    if (!archivo || !this.#blobs.has(idCliente) || perdido > MAX_PERDIDOS) return false;
    Object.assign(archivo, { perdido, id: undefined, enRevision: false });
    datos.contenido.archivo = undefined;
    return true;
  }

  /**
   * Ya no se va a enviar: para lo que haya a medias y borra lo que se subió.
   *
   * @param {Envio} envio
   */
  cancelar({ idCliente, archivo, estado }) {
    this.soltar(idCliente);
    if (archivo?.id && estado !== "enviado") this.#archivos.borrar(archivo.id).catch(() => {});
  }

  /** @param {string} idCliente */
  soltar(idCliente) {
    this.#blobs.delete(idCliente);
    this.#enCurso.get(idCliente)?.abort();
  }

  vaciar() {
    for (const id of [...this.#blobs.keys(), ...this.#enCurso.keys()]) this.soltar(id);
  }

  /**
   * @param {Envio} envio
   * @param {(signal: AbortSignal) => Promise<void>} tarea
   */
  async #empezar(envio, tarea) {
    const control = new AbortController();
    this.#enCurso.set(envio.idCliente, control);
    const error = await tarea(control.signal).then(() => null, comoError);
    this.#enCurso.delete(envio.idCliente);
    this.#dueno.pasar(envio, error ? "fallido" : "pendiente", error);
  }

  /**
   * @param {Envio} envio
   * @param {AbortSignal} signal
   */
  async #subir(envio, signal) {
    this.#subiendo++;
    try {
      const subir = () => this.#una(envio, signal);
      const { _id: id, estado } = await this.#insistir(envio, signal, "subiendo", subir);
      Object.assign(envio.archivo ?? {}, { id, enRevision: estado === "en_revision" });
      envio.datos.contenido.archivo = { id };
    } finally {
      this.#subiendo--;
    }
  }

  /**
   * @param {Envio} envio
   * @param {AbortSignal} signal
   */
  async #una(envio, signal) {
    const { idCliente, conversacionId, archivo } = envio;
    const blob = this.#blobs.get(idCliente);
    // El que cambió o se borró en el disco falla al enviarlo como si no hubiera conexión.
    const unByte = await blob?.slice(0, 1).arrayBuffer().catch(() => undefined);
    if (!blob || !unByte) throw new ErrorMensajeria({ code: ARCHIVO_PERDIDO });
    /** @param {number} fraccion */
    const alProgresar = (fraccion) => this.#dueno.progresar(envio, fraccion);
    const opciones = { conversacionId, idCliente, alProgresar, signal };
    return this.#archivos.subir(blob, { nombre: archivo?.nombre, ...opciones });
  }

  /**
   * Espera a que el antivirus lo mire. El que no admite, y aquel con el que no puede, se borran: desde
   * aquí son lo mismo.
   *
   * @param {Envio} envio
   * @param {AbortSignal} signal
   */
  async #revisar(envio, signal) {
    const { archivo } = envio;
    while (archivo?.id && archivo.enRevision && !signal.aborted) {
      const id = archivo.id;
      const { estado } = await this.#insistir(envio, signal, "revisando", () => this.#archivos.ver(id)).catch(
        (error) => {
          throw error.code === "NOT_FOUND" ? new ErrorMensajeria({ code: ARCHIVO_RETIRADO }) : error;
        },
      );
      archivo.enRevision = estado === "en_revision";
      if (archivo.enRevision) await this.#pausa(REVISION, signal);
    }
  }

  /**
   * Lo intenta hasta que sale, o hasta que se niega por algo que no va a cambiar.
   *
   * @template T
   * @param {Envio} envio
   * @param {AbortSignal} signal
   * @param {"subiendo" | "revisando"} estado
   * @param {() => Promise<T>} intentar
   * @returns {Promise<T>}
   */
  async #insistir(envio, signal, estado, intentar) {
    for (let veces = 0; ; veces++) {
      if (envio.estado !== estado) this.#dueno.pasar(envio, estado);
      try {
        return await intentar();
      } catch (causa) {
        const error = comoError(causa);
        const interno = error.code === "INTERNAL_ERROR" && veces < MAX_INTERNOS;
        if (signal.aborted || !(error.esPasajero || interno)) throw error;
        this.#dueno.pasar(envio, "pendiente", error);
        const espera = Math.min(MAX_ESPERA, ESPERA * 2 ** veces);
        await this.#pausa((error.reintentarEn ?? 0) * 1000 || espera, signal);
      }
    }
  }

  /**
   * @param {number} cuanto
   * @param {AbortSignal} signal
   */
  async #pausa(cuanto, signal) {
    /** @type {() => void} */
    let despertar = () => {};
    /** @type {Promise<void>} */
    const espera = new Promise((seguir) => (despertar = seguir));
    const reloj = setTimeout(despertar, cuanto);
    this.#esperas.add(despertar);
    signal.addEventListener("abort", despertar);
    await espera;
    clearTimeout(reloj);
    this.#esperas.delete(despertar);
    signal.removeEventListener("abort", despertar);
  }
}
