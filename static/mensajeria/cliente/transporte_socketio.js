/** @import { Oyentes } from "./tipos.js" */

/**
 * La puerta `/socket.io/`, por WebSocket: Engine.IO v4 y Socket.IO v5, lo justo para este cliente.
 * Da los mismos marcos que `TransporteNativo`: el acuse de Socket.IO llega como `respuesta`.
 */
export class TransporteSocketIO {
  /** @type {WebSocket | null} */
  #socket = null;
  #url;

  /** @param {string} origen `https://servidor` */
  constructor(origen) {
    this.#url = `${origen.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  }

  /** @param {Oyentes} oyentes */
  abrir({ alAbrir, alRecibir, alCerrar }) {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onclose = ({ code, reason }) => alCerrar(reason || String(code));
    socket.onmessage = ({ data }) => this.#marco(socket, data, alAbrir, alRecibir);
  }

  /**
   * @param {WebSocket} socket
   * @param {string} marco
   * @param {Oyentes["alAbrir"]} alAbrir
   * @param {Oyentes["alRecibir"]} alRecibir
   */
  #marco(socket, marco, alAbrir, alRecibir) {
    if (marco.startsWith("0")) socket.send("40");
    else if (marco === "2") socket.send("3");
    else if (marco.startsWith("40")) alAbrir();
    else if (marco.startsWith("42")) {
      const [evento, datos] = JSON.parse(marco.slice(2));
      alRecibir({ evento, datos });
    } else if (marco.startsWith("43")) {
      const corte = marco.indexOf("[");
      const [acuse] = JSON.parse(marco.slice(corte));
      alRecibir({ evento: "respuesta", id: Number(marco.slice(2, corte)), ...acuse });
    }
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
    this.#socket.send(`42${id}${JSON.stringify([evento, datos])}`);
  }

  cerrar() {
    const socket = this.#socket;
    if (!socket) return;
    socket.onclose = socket.onmessage = null;
    socket.close();
    this.#socket = null;
  }
}
