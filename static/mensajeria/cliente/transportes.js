import { TransporteNativo } from "./transporte_nativo.js";
import { TransporteSocketIO } from "./transporte_socketio.js";
import { TransporteSondeo } from "./transporte_sondeo.js";

/** @import { Transporte } from "./tipos.js" */

/**
 * Las puertas que el cliente sabe usar. Otra puerta es otra entrada con su módulo, que cumpla
 * `Transporte` (véase `tipos.js`).
 *
 * @satisfies {Record<string, {nombre: string, crear: (origen: string) => Transporte}>}
 */
export const TRANSPORTES = {
  nativo: { nombre: "WebSocket", crear: (origen) => new TransporteNativo(origen) },
  socketio: { nombre: "Socket.IO", crear: (origen) => new TransporteSocketIO(origen) },
  sondeo: { nombre: "Socket.IO por sondeo", crear: (origen) => new TransporteSondeo(origen) },
};

/**
 * La que sirve aquí sin decir cuál.
 *
 * @returns {keyof typeof TRANSPORTES}
 */
export function laDeFabrica() {
  return globalThis.WebSocket ? "nativo" : "sondeo";
}
