/**
 * @import { Mensaje } from "./eventos.js"
 * @import { EstadoMensaje } from "./tipos.js"
 *
 * @typedef {{secuenciaCambio: number, cambiar: (mensaje: Mensaje) => Mensaje}} Parche
 */
import type { Mensaje } from "./eventos.js";
import type { EstadoMensaje } from "./tipos.js";
export type Parche = {
    secuenciaCambio: number;
    cambiar: (mensaje: Mensaje) => Mensaje;
};
/**
 * Los mensajes conocidos de una conversación, por `secuencia`: ninguno está dos veces, y de dos
 * versiones queda la de `secuenciaCambio` mayor. Puede tener huecos; `faltan` los dice.
 */
export declare class Historial {
    #private;
    /** @param {number} secuencia */
    en(secuencia: number): Mensaje | undefined;
    /** @param {string} id */
    porId(id: string): Mensaje | undefined;
    /** Del más antiguo al más nuevo. */
    get todos(): Mensaje[];
    /** Los fijados, el último en fijarse primero. */
    get fijados(): Mensaje[];
    /**
     * La mayor secuencia que falta entre las dos, incluidas; 0 si están todas.
     *
     * @param {number} desde
     * @param {number} hasta
     */
    falta(desde: number, hasta: number): number;
    /**
     * Guarda un mensaje; `false` si no traía nada nuevo.
     *
     * @param {Mensaje} mensaje
     */
    poner(mensaje: Mensaje): boolean;
    /**
     * Cambia un mensaje, ahora o cuando llegue. Devuelve el cambiado, si está y cambió.
     *
     * @param {string} id
     * @param {number} secuenciaCambio
     * @param {Parche["cambiar"]} cambiar
     */
    parchear(id: string, secuenciaCambio: number, cambiar: Parche["cambiar"]): {
        _id: string;
        conversacion: string;
        remitente: import("./eventos.js").Persona | null;
        contenido: import("./eventos.js").Contenido;
        respuestaA: import("./eventos.js").Cita | null;
        menciones: Array<string>;
        prioridad: "alta" | "baja" | "normal" | "urgente";
        estado: "entregado" | "enviado" | "fallido" | "leido";
        fechaEnvio: string;
        fechaEntrega: string | null;
        lecturas: Array<import("./eventos.js").Lectura>;
        reacciones: Array<import("./eventos.js").Reaccion>;
        editado: import("./eventos.js").Editado;
        eliminado: import("./eventos.js").Eliminado;
        fijado: import("./eventos.js").Fijado;
        secuencia: number;
        idCliente: string | null;
        createdAt: string;
        updatedAt: string;
        secuenciaCambio: number;
    } | null;
    /**
     * Cambia todos los que cumplen; devuelve los cambiados. No ocupa número de cambio.
     *
     * @param {(mensaje: Mensaje) => boolean} cumple
     * @param {(mensaje: Mensaje) => Mensaje} cambiar
     */
    cambiarTodos(cumple: (mensaje: Mensaje) => boolean, cambiar: (mensaje: Mensaje) => Mensaje): Mensaje[];
    /**
     * Olvida lo que queda fuera de ese tramo, salvo esa secuencia y los fijados; se volverá a pedir.
     *
     * @param {number} desde
     * @param {number} hasta
     * @param {number} [salvo]
     */
    podar(desde: number, hasta: number, salvo?: number): void;
    get cuantos(): number;
}
/**
 * Si `estado` va más allá que el del mensaje.
 *
 * @param {EstadoMensaje} estado
 * @param {Mensaje} mensaje
 */
export declare const adelanta: (estado: EstadoMensaje, mensaje: Mensaje) => boolean;
/**
 * La lápida de un mensaje: sin contenido y sin historial, como la sirve el servidor.
 *
 * @param {Mensaje} mensaje
 * @param {string} fecha
 * @returns {Mensaje}
 */
export declare function lapida(mensaje: Mensaje, fecha: string): Mensaje;
