import { ErrorMensajeria } from "./errores.js";

/**
 * @import { Conexion } from "./conexion.js"
 * @import { EventosCliente, Mensaje } from "./eventos.js"
 * @import { Fichas } from "./fichas.js"
 */

const ESPERA_ENTREGA = 400;
const ESPERA_LECTURA = 250;

/** Hasta dónde se recibió y se leyó, dicho al servidor por tandas y sin repetir. */
export class Recibos {
  #conexion;
  #fichas;
  /** @type {Map<string, number>} */
  #entregas = new Map();
  /** @type {Map<string, Mensaje>} */
  #lecturas = new Map();
  /** @type {{entrega?: ReturnType<typeof setTimeout>, lectura?: ReturnType<typeof setTimeout>}} */
  #relojes = {};

  /**
   * @param {Conexion} conexion
   * @param {Fichas} fichas
   */
  constructor(conexion, fichas) {
    this.#conexion = conexion;
    this.#fichas = fichas;
  }

  /**
   * Se recibieron mensajes hasta `secuencia`.
   *
   * @param {string} id
   * @param {number} secuencia
   */
  recibido(id, secuencia) {
    const hecho = this.#fichas.de(id)?.propio?.entregadoHasta ?? 0;
    if (secuencia <= Math.max(hecho, this.#entregas.get(id) ?? 0)) return;
    this.#entregas.set(id, secuencia);
    this.#relojes.entrega ??= setTimeout(() => this.#entregar(), ESPERA_ENTREGA);
  }

  /**
   * Se leyó hasta ese mensaje, incluido.
   *
   * @param {string} id
   * @param {Mensaje} mensaje
   */
  leido(id, mensaje) {
    const hecho = this.#fichas.de(id)?.propio?.leidoHasta ?? 0;
    const pendiente = this.#lecturas.get(id)?.secuencia ?? 0;
    if (mensaje.secuencia <= Math.max(hecho, pendiente)) return;
    this.#lecturas.set(id, mensaje);
    this.#relojes.lectura ??= setTimeout(() => this.#leer(), ESPERA_LECTURA);
  }

  /** Lo que no se pudo decir antes. */
  seguir() {
    this.#entregar();
    this.#leer();
  }

  /** @param {string} id */
  olvidar(id) {
    this.#entregas.delete(id);
    this.#lecturas.delete(id);
  }

  vaciar() {
    this.#entregas.clear();
    this.#lecturas.clear();
  }

  #entregar() {
    clearTimeout(this.#relojes.entrega);
    this.#relojes.entrega = undefined;
    for (const [conversacionId, hastaSecuencia] of this.#entregas) {
      const bien = () => this.#anotar(conversacionId, hastaSecuencia);
      const datos = { conversacionId, hastaSecuencia, epoca: this.#fichas.de(conversacionId)?.epoca };
      this.#decir(this.#entregas, "marcar_entregado", datos, bien);
    }
  }

  #leer() {
    clearTimeout(this.#relojes.lectura);
    this.#relojes.lectura = undefined;
    for (const [conversacionId, mensaje] of this.#lecturas) {
      const datos = { conversacionId, mensajeId: mensaje._id };
      const bien = () => this.#fichas.leida(conversacionId, this.#fichas.yo, mensaje.secuencia);
      this.#decir(this.#lecturas, "marcar_leido", datos, bien);
    }
  }

  /**
   * Si falla por la conexión queda pendiente hasta `seguir`; por otra causa no se insiste.
   *
   * @template {"marcar_entregado" | "marcar_leido"} E
   * @param {Map<string, unknown>} pendientes
   * @param {E} evento
   * @param {EventosCliente[E] & { conversacionId: string }} datos
   * @param {() => void} bien
   */
  async #decir(pendientes, evento, datos, bien) {
    const id = datos.conversacionId;
    const valor = pendientes.get(id);
    let hecho = true;
    try {
      await this.#conexion.pedir(evento, datos);
      bien();
    } catch (error) {
      hecho = !(error instanceof ErrorMensajeria && error.esPasajero);
    }
    if (hecho && pendientes.get(id) === valor) pendientes.delete(id);
  }

  /**
   * @param {string} id
   * @param {number} hasta
   */
  #anotar(id, hasta) {
    const ficha = this.#fichas.de(id);
    const previo = ficha?.propio?.entregadoHasta ?? 0;
    if (ficha && hasta > previo) ficha.cambiarParticipante(this.#fichas.yo, { entregadoHasta: hasta });
  }
}
