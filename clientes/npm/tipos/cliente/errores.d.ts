/** @import { Codigo, Negativa } from "./tipos.js" */
import type { Codigo, Negativa } from "./tipos.js";
/** Códigos que pone este módulo; los demás son los del servidor. */
export declare const SIN_CONEXION = "SIN_CONEXION";
export declare const SIN_RESPUESTA = "SIN_RESPUESTA";
export declare const SESION_PERDIDA = "SESION_PERDIDA";
export declare const ARCHIVO_PERDIDO = "ARCHIVO_PERDIDO";
export declare const ARCHIVO_RETIRADO = "ARCHIVO_RETIRADO";
export declare const CANCELADO = "CANCELADO";
/** Una negativa, del servidor o de este módulo. `code` es estable; `message`, para una persona. */
export declare class ErrorMensajeria extends Error {
    code: Codigo;
    /** Campo culpable, con puntos: `contenido.texto`. */
    campo: string | undefined;
    /** Segundos tras los que vale la pena repetir. */
    reintentarEn: number | undefined;
    evento: string | null | undefined;
    /** @param {Negativa} negativa */
    constructor({ code, message, campo, reintentarEn, evento }: Negativa);
    /** La credencial no vale: renovarla o ingresar otra vez. */
    get esDeIngreso(): boolean;
    /** Repetir lo mismo más tarde puede salir bien. */
    get esPasajero(): boolean;
    get esDeConexion(): boolean;
}
/** @param {unknown} error */
export declare function comoError(error: unknown): ErrorMensajeria;
