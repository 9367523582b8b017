/** @import { Oyentes } from "./tipos.js" */
import { leerSocketIO } from "./transporte_socketio.js";

// Entre los paquetes de un mismo cuerpo (Engine.IO 4).
const SEPARADOR = "\x1e";
const CAMINO = "/socket.io/?EIO=4&transport=polling";

/**
 * La puerta `/socket.io/`, por sondeo HTTP: donde no hay WebSocket (Node 20, una red que lo corta).
 * Da los mismos marcos que `TransporteNativo`.
 */
export class TransporteSondeo {
  #url;
  #corte = new AbortController();
  /** Lo que se envía sale de uno en uno, en su orden. @type {Promise<unknown>} */
  #envio = Promise.resolve();
  /** @type {Oyentes | null} */
  #oyentes = null;

  /** @param {string} origen `https://servidor` */
  constructor(origen) {
    this.#url = origen + CAMINO;
  }

  /** @param {Oyentes} oyentes */
  abrir(oyentes) {
    this.#oyentes = oyentes;
    this.#sondear().catch((causa) => this.#caer(causa));
  }

  async #sondear() {
    const [saludo] = await this.#recibir();
    this.#url += `&sid=${encodeURIComponent(JSON.parse(saludo.slice(1)).sid)}`;
    this.#mandar("40");
    while (this.#oyentes) for (const paquete of await this.#recibir()) this.#leer(paquete);
  }

  /** @param {string} paquete */
  #leer(paquete) {
    if (!this.#oyentes) return;
    if (paquete === "2") this.#mandar("3");
    else if (paquete === "1") this.#caer("El servidor cerró");
    else leerSocketIO(paquete, this.#oyentes);
  }

  async #recibir() {
    const respuesta = await this.#traer({});
    return (await respuesta.text()).split(SEPARADOR);
  }

  /** @param {RequestInit} peticion */
  async #traer(peticion) {
    const { signal } = this.#corte;
    const respuesta = await fetch(this.#url, { ...peticion, credentials: "omit", signal });
    if (!respuesta.ok) throw new Error(`El servidor respondió ${respuesta.status}`);
    return respuesta;
  }

  /** @param {string} paquete */
  #mandar(paquete) {
    this.#envio = this.#envio
      .then(() => this.#traer({ method: "POST", body: paquete }))
      .then((respuesta) => respuesta.text())
      .catch((causa) => this.#caer(causa));
  }

  /** @param {unknown} causa */
  #caer(causa) {
    const oyentes = this.#oyentes;
    this.#oyentes = null;
    this.#corte.abort();
    oyentes?.alCerrar(String(causa));
  }

  /**
   * Lanza si no está abierto.
   *
   * @param {string} evento
   * @param {object} datos
   * @param {number} id
   */
  enviar(evento, datos, id) {
    if (!this.#oyentes) throw new Error("Sin abrir");
    this.#mandar(`42${id}${JSON.stringify([evento, datos])}`);
  }

  cerrar() {
    if (!this.#oyentes) return;
    this.#oyentes = null;
    const adios = { method: "POST", body: "1", keepalive: true };
    // Sin esperar: si no llega, el servidor lo sabrá por el latido.
    this.#envio.then(() => fetch(this.#url, { ...adios, credentials: "omit" })).catch(() => {});
    this.#corte.abort();
  }
}
