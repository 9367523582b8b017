/**
 * @import { Mensaje } from "./eventos.js"
 * @import { EstadoMensaje } from "./tipos.js"
 *
 * @typedef {{secuenciaCambio: number, cambiar: (mensaje: Mensaje) => Mensaje}} Parche
 */

const RANGO = { enviado: 0, fallido: 0, entregado: 1, leido: 2 };
const MAX_PARCHES = 500;

/**
 * Los mensajes conocidos de una conversación, por `secuencia`: ninguno está dos veces, y de dos
 * versiones queda la de `secuenciaCambio` mayor. Puede tener huecos; `faltan` los dice.
 */
export class Historial {
  /** @type {Map<number, Mensaje>} */
  #mensajes = new Map();
  /** @type {Map<string, number>} de cada mensaje, por su `_id` */
  #secuencias = new Map();
  // Cambios de mensajes que no están aquí: una página leída antes del cambio puede llegar después.
  /** @type {Map<string, Parche>} */
  #parches = new Map();

  /** @param {number} secuencia */
  en(secuencia) {
    return this.#mensajes.get(secuencia);
  }

  /** @param {string} id */
  porId(id) {
    return this.#mensajes.get(this.#secuencias.get(id) ?? 0);
  }

  /** Del más antiguo al más nuevo. */
  get todos() {
    return [...this.#mensajes.values()].sort((a, b) => a.secuencia - b.secuencia);
  }

  /** Los fijados, el último en fijarse primero. */
  get fijados() {
    return [...this.#mensajes.values()]
      .filter((m) => m.fijado.fijado)
      .sort((a, b) => masReciente(a, b) || b.secuencia - a.secuencia);
  }

  /**
   * La mayor secuencia que falta entre las dos, incluidas; 0 si están todas.
   *
   * @param {number} desde
   * @param {number} hasta
   */
  falta(desde, hasta) {
    for (let s = hasta; s >= desde; s--) if (!this.#mensajes.has(s)) return s;
    return 0;
  }

  /**
   * Guarda un mensaje; `false` si no traía nada nuevo.
   *
   * @param {Mensaje} mensaje
   */
  poner(mensaje) {
    const previo = this.#mensajes.get(mensaje.secuencia);
    if (previo && previo.secuenciaCambio > mensaje.secuenciaCambio) return false;
    const fundido = this.#parchear(previo ? conAcuses(mensaje, previo) : mensaje);
    if (previo && JSON.stringify(previo) === JSON.stringify(fundido)) return false;
    this.#mensajes.set(mensaje.secuencia, fundido);
    this.#secuencias.set(mensaje._id, mensaje.secuencia);
    return true;
  }

  /**
   * Cambia un mensaje, ahora o cuando llegue. Devuelve el cambiado, si está y cambió.
   *
   * @param {string} id
   * @param {number} secuenciaCambio
   * @param {Parche["cambiar"]} cambiar
   */
  parchear(id, secuenciaCambio, cambiar) {
    const previo = this.porId(id);
    if (!previo) {
      this.#guardarParche(id, { secuenciaCambio, cambiar });
      return null;
    }
    if (previo.secuenciaCambio >= secuenciaCambio) return null;
    const nuevo = { ...cambiar(previo), secuenciaCambio };
    this.#mensajes.set(previo.secuencia, nuevo);
    return nuevo;
  }

  /**
   * Cambia todos los que cumplen; devuelve los cambiados. No ocupa número de cambio.
   *
   * @param {(mensaje: Mensaje) => boolean} cumple
   * @param {(mensaje: Mensaje) => Mensaje} cambiar
   */
  cambiarTodos(cumple, cambiar) {
    /** @type {Mensaje[]} */
    const cambiados = [];
    for (const [secuencia, mensaje] of this.#mensajes) {
      if (!cumple(mensaje)) continue;
      const nuevo = cambiar(mensaje);
      this.#mensajes.set(secuencia, nuevo);
      cambiados.push(nuevo);
    }
    return cambiados;
  }

  /**
   * Olvida lo que queda fuera de ese tramo, salvo esa secuencia y los fijados; se volverá a pedir.
   *
   * @param {number} desde
   * @param {number} hasta
   * @param {number} [salvo]
   */
  podar(desde, hasta, salvo) {
    for (const [secuencia, mensaje] of this.#mensajes) {
      if ((secuencia >= desde && secuencia <= hasta) || secuencia === salvo || mensaje.fijado.fijado) continue;
      this.#mensajes.delete(secuencia);
      this.#secuencias.delete(mensaje._id);
    }
  }

  get cuantos() {
    return this.#mensajes.size;
  }

  /**
   * @param {string} id
   * @param {Parche} parche
   */
  #guardarParche(id, parche) {
    const previo = this.#parches.get(id);
    if (previo && previo.secuenciaCambio >= parche.secuenciaCambio) return;
    this.#parches.delete(id);
    this.#parches.set(id, parche);
    const [masViejo = ""] = this.#parches.keys();
    if (this.#parches.size > MAX_PARCHES) this.#parches.delete(masViejo);
  }

  /** @param {Mensaje} mensaje */
  #parchear(mensaje) {
    const parche = this.#parches.get(mensaje._id);
    if (!parche) return mensaje;
    this.#parches.delete(mensaje._id);
    if (parche.secuenciaCambio <= mensaje.secuenciaCambio) return mensaje;
    return { ...parche.cambiar(mensaje), secuenciaCambio: parche.secuenciaCambio };
  }
}

/**
 * @param {Mensaje} a
 * @param {Mensaje} b
 */
const masReciente = (a, b) => (b.fijado.fecha ?? "").localeCompare(a.fijado.fecha ?? "");

/**
 * Los acuses nunca retroceden, y una página leída antes puede traer menos.
 *
 * @param {Mensaje} mensaje
 * @param {Mensaje} previo
 */
function conAcuses(mensaje, previo) {
  const atrasado = RANGO[previo.estado] > RANGO[mensaje.estado];
  const lecturas = previo.lecturas.length > mensaje.lecturas.length ? previo.lecturas : mensaje.lecturas;
  return {
    ...mensaje,
    lecturas,
    estado: atrasado ? previo.estado : mensaje.estado,
    fechaEntrega: mensaje.fechaEntrega ?? previo.fechaEntrega,
  };
}

/**
 * Si `estado` va más allá que el del mensaje.
 *
 * @param {EstadoMensaje} estado
 * @param {Mensaje} mensaje
 */
export const adelanta = (estado, mensaje) => RANGO[estado] > RANGO[mensaje.estado];

/**
 * La lápida de un mensaje: sin contenido y sin historial, como la sirve el servidor.
 *
 * @param {Mensaje} mensaje
 * @param {string} fecha
 * @returns {Mensaje}
 */
export function lapida(mensaje, fecha) {
  return {
    ...mensaje,
    contenido: { ...mensaje.contenido, texto: "", archivo: null, metadatos: {} },
    reacciones: [],
    editado: { ...mensaje.editado, historial: [], versiones: 0 },
    eliminado: { ...mensaje.eliminado, eliminado: true, fechaEliminacion: fecha },
    fijado: { fijado: false, fecha: null, por: null },
  };
}
