/** @import { Oyentes } from "./tipos.js" */

/** La puerta `/ws/mensajeria/`: un objeto JSON por marco. */
export class TransporteNativo {
  /** @type {WebSocket | null} */
  #socket = null;
  #url;

  /** @param {string} origen `https://servidor` */
  constructor(origen) {
    this.#url = `${origen.replace(/^http/, "ws")}/ws/mensajeria/`;
  }

  /** @param {Oyentes} oyentes */
  abrir({ alAbrir, alRecibir, alCerrar }) {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = alAbrir;
    socket.onclose = ({ code, reason }) => alCerrar(reason || String(code));
    socket.onmessage = ({ data }) => alRecibir(JSON.parse(data));
  }

  /**
   * Lanza si no está abierto.
   *
   * @param {string} evento
   * @param {object} datos
   * @param {number} id
   */
  enviar(evento, datos, id) {
    if (!this.#socket) throw new Error("Sin abrir");
    this.#socket.send(JSON.stringify({ evento, datos, id }));
  }

  // Sobre una conexión medio abierta `close()` tarda en terminar: se deja de escuchar antes.
  cerrar() {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
    this.#socket = null;
  }
}
