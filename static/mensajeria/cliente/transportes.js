import { TransporteNativo } from "./transporte_nativo.js";
import { TransporteSocketIO } from "./transporte_socketio.js";

/**
 * Las puertas que el cliente sabe usar. Otra puerta es otra entrada con su módulo, que cumpla
 * `Transporte` (véase `tipos.js`).
 *
 * @type {Record<string, {nombre: string, crear: (origen: string) => import("./tipos.js").Transporte}>}
 */
export const TRANSPORTES = {
  nativo: { nombre: "WebSocket", crear: (origen) => new TransporteNativo(origen) },
  socketio: { nombre: "Socket.IO", crear: (origen) => new TransporteSocketIO(origen) },
};
