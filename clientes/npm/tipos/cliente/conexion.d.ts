import { Emisor } from "./emisor.js";
import { ErrorMensajeria } from "./errores.js";
import type { EventosCliente, Respuestas } from "./eventos.js";
import type { Sesion } from "./sesion.js";
import type { SesionAjena } from "./sesion_ajena.js";
import type { AvisosDeConexion, EstadoConexion, Transporte } from "./tipos.js";
export type Pedido = {
    evento: keyof EventosCliente;
    bien: (datos: unknown) => void;
    mal: (error: ErrorMensajeria) => void;
    reloj: Reloj;
};
export type Reloj = ReturnType<typeof setTimeout>;
export type Espera = "apertura" | "estable" | "latido" | "reintento" | "renovacion";
/**
 * Mantiene abierta una conexión autenticada: ingresa, late, y si cae vuelve, cada vez más despacio y
 * con azar, para que mil clientes no vuelvan a la vez.
 *
 * Avisa `estado`, `evento` (los del servidor, ya autenticada) y `marco` (todo lo que entra y sale).
 *
 * @extends {Emisor<AvisosDeConexion>}
 */
export declare class Conexion extends Emisor<AvisosDeConexion> {
    #private;
    /** @type {EstadoConexion} */
    estado: EstadoConexion;
    /** @type {string[]} con las que se puede reaccionar, desde que el servidor lo dice */
    reacciones: string[];
    /**
     * @param {() => Transporte} crear
     * @param {Sesion | SesionAjena} sesion
     */
    constructor(crear: () => Transporte, sesion: Sesion | SesionAjena);
    get lista(): boolean;
    encender(): void;
    apagar(): void;
    /**
     * Cierra y vuelve a abrir ya, con otro transporte si `crear` lo dice.
     *
     * @param {() => Transporte} [crear]
     */
    reabrir(crear?: () => Transporte): void;
    /** Lo que se espera se hace ya; si parece abierta, se comprueba. */
    comprobar(): void;
    /**
     * Pide algo al servidor y espera su respuesta. Sin ella en el plazo, la conexión se da por muerta.
     *
     * @template {keyof EventosCliente} E
     * @param {E} evento
     * @param {EventosCliente[E]} datos
     * @param {number} [plazo]
     * @returns {Promise<Respuestas[E]>} los `datos` de la respuesta
     */
    pedir<E extends keyof EventosCliente>(evento: E, datos: EventosCliente[E], plazo?: number): Promise<Respuestas[E]>;
}
