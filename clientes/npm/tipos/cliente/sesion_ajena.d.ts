import { Emisor } from "./emisor.js";
import type { AvisosDeSesion } from "./tipos.js";
export type DarToken = () => string | null | undefined | Promise<string | null | undefined>;
/**
 * La de quien entra con los tokens de otro sistema: se le piden a él, una vez aunque hagan falta a
 * varios, y otra cuando caducan o el servidor los rechaza. Quién es lo dice el servidor al entrar.
 *
 * Avisa `identificada` la primera vez que se sabe, y `perdida` cuando ya no hay token o es de otro.
 *
 * @extends {Emisor<AvisosDeSesion>}
 */
export declare class SesionAjena extends Emisor<AvisosDeSesion> {
    #private;
    /** @type {string | null} */
    usuarioId: string | null;
    /** @param {DarToken} dar */
    constructor(dar: DarToken);
    /** No hace falta saber quién es para conectar. */
    puedeConectar(): boolean;
    /** Milisegundos hasta que conviene pedir otro. */
    get vigencia(): number;
    /** @returns {Promise<void>} */
    ingresar(): Promise<void>;
    /** Uno que vale ahora. Lanza `SESION_PERDIDA` si no lo hay, y `SIN_CONEXION` si falla pedirlo. */
    token(): Promise<string>;
    /** Pide otro ya, aunque el que hay parezca vigente. */
    renovar(): Promise<void>;
    /**
     * El servidor dice de quién es la conexión.
     *
     * @param {string} usuarioId
     */
    es(usuarioId: string): void;
    /** La acaba quien dio el token. */
    acabar(): void;
    olvidar(): void;
}
