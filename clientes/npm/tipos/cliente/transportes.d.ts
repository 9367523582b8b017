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
export declare const TRANSPORTES: {
    nativo: {
        nombre: string;
        crear: (origen: string) => TransporteNativo;
    };
    socketio: {
        nombre: string;
        crear: (origen: string) => TransporteSocketIO;
    };
    sondeo: {
        nombre: string;
        crear: (origen: string) => TransporteSondeo;
    };
};
/**
 * La que sirve aquí sin decir cuál.
 *
 * @returns {keyof typeof TRANSPORTES}
 */
export declare function laDeFabrica(): keyof typeof TRANSPORTES;
