import { ErrorMensajeria } from "./errores.js";
import type { Archivos } from "./archivos.js";
import type { Envio } from "./tipos.js";
export type Dueno = {
    pasar: (envio: Envio, estado: Envio["estado"], error?: ErrorMensajeria | null) => void;
    progresar: (envio: Envio, fraccion: number) => void;
};
/**
 * Si ese envío espera a que su archivo acabe de subirse.
 *
 * @param {Envio} envio
 */
export declare const faltaSubir: ({ archivo }: Envio) => boolean;
/**
 * Sube los archivos de los envíos: pocos a la vez, y desde el principio si se corta. El mensaje sale
 * después, así que no se dobla.
 */
export declare class Subidas {
    #private;
    /**
     * @param {Archivos} archivos
     * @param {Dueno} dueno
     */
    constructor(archivos: Archivos, dueno: Dueno);
    /**
     * @param {string} idCliente
     * @param {Blob} blob
     */
    guardar(idCliente: string, blob: Blob): void;
    /** @param {string} idCliente */
    blob(idCliente: string): Blob | undefined;
    /**
     * Empieza las que quepan, en orden.
     *
     * @param {Envio[]} envios
     */
    correr(envios: Envio[]): void;
    /** Volvió la conexión: las que esperaban lo intentan ya. */
    seguir(): void;
    /**
     * El archivo subido ya no está en el servidor: `true` si se puede subir otra vez.
     *
     * @param {Envio} envio
     */
    repetir({ idCliente, archivo, datos }: Envio): boolean;
    /**
     * Ya no se va a enviar: para lo que haya a medias y borra lo que se subió.
     *
     * @param {Envio} envio
     */
    cancelar({ idCliente, archivo, estado }: Envio): void;
    /** @param {string} idCliente */
    soltar(idCliente: string): void;
    vaciar(): void;
}
