/** @import { Oyentes } from "./tipos.js" */

/**
 * Un paquete de Socket.IO v5: que se entró, un evento o un acuse.
 *
 * @param {string} paquete
 * @param {Pick<Oyentes, "alAbrir" | "alRecibir">} oyentes
 */
export function leerSocketIO(paquete, { alAbrir, alRecibir }) {
  if (paquete.startsWith("40")) alAbrir();
  else if (paquete.startsWith("42")) {
    const [evento, datos] = JSON.parse(paquete.slice(2));
    alRecibir({ evento, datos });
  } else if (paquete.startsWith("43")) {
    const corte = paquete.indexOf("[");
    const [acuse] = JSON.parse(paquete.slice(corte));
    alRecibir({ evento: "respuesta", id: Number(paquete.slice(2, corte)), ...acuse });
  }
}

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
    socket.onmessage = ({ data }) => {
      if (data.startsWith("0")) socket.send("40");
      else if (data === "2") socket.send("3");
      else leerSocketIO(data, { alAbrir, alRecibir });
    };
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
