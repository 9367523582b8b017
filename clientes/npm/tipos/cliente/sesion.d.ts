import { Emisor } from "./emisor.js";
import type { Almacen, AvisosDeSesion } from "./tipos.js";
export type Tokens = {
    access: string;
    refresh: string;
};
/**
 * Los tokens de una persona: los obtiene, los guarda y los renueva, una vez aunque lo pidan varios.
 * El de renovación sirve una vez: las pestañas que comparten almacén renuevan por turno, y a la que
 * tiene una copia, la que renueva se lo dice.
 *
 * Avisa `perdida` cuando ya no sirve ninguno, y `deOtra` cuando en otra pestaña se entró o se salió.
 *
 * @extends {Emisor<AvisosDeSesion>}
 */
export declare class Sesion extends Emisor<AvisosDeSesion> {
    #private;
    /**
     * @param {string} origen
     * @param {Almacen | null} almacen
     */
    constructor(origen: string, almacen: Almacen | null);
    get usuarioId(): string | null;
    puedeConectar(): boolean;
    /** Quién es ya lo decía su token. */
    es(): void;
    /** Milisegundos hasta que conviene renovar. */
    get vigencia(): number;
    /**
     * @param {string} usuario
     * @param {string} clave
     */
    ingresar(usuario: string, clave: string): Promise<void>;
    /** Un token de acceso que vale ahora. Lanza `SESION_PERDIDA` si no hay manera. */
    token(): Promise<string>;
    /** Renueva ya, aunque el token parezca vigente. */
    renovar(): Promise<void>;
    /** La acaba también en el servidor, sin esperar a que conteste: sin red se sale igual. */
    acabar(): void;
    olvidar(): void;
}
/**
 * El JSON de una respuesta de REST; si es una negativa, la lanza.
 *
 * @template T
 * @param {Response} respuesta
 * @returns {Promise<T>} `null` si no trae nada
 */
export declare function leerRespuesta<T>(respuesta: Response): Promise<T>;
