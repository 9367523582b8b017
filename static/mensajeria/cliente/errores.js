/** @import { Codigo, Negativa } from "./tipos.js" */

/** Códigos que pone este módulo; los demás son los del servidor. */
export const SIN_CONEXION = "SIN_CONEXION";
export const SIN_RESPUESTA = "SIN_RESPUESTA";
export const SESION_PERDIDA = "SESION_PERDIDA";
export const ARCHIVO_PERDIDO = "ARCHIVO_PERDIDO";
export const ARCHIVO_RETIRADO = "ARCHIVO_RETIRADO";
export const CANCELADO = "CANCELADO";

/** @type {Partial<Record<Codigo, string>>} */
const TEXTOS = {
  [SIN_CONEXION]: "No hay conexión con el servidor",
  [SIN_RESPUESTA]: "El servidor no respondió a tiempo",
  [SESION_PERDIDA]: "Tu sesión terminó; ingresa de nuevo",
  [ARCHIVO_PERDIDO]: "El archivo ya no se puede leer; adjúntalo otra vez",
  [ARCHIVO_RETIRADO]: "El antivirus no admitió el archivo, o no pudo mirarlo",
  [CANCELADO]: "Se canceló",
};

/** @type {Set<Codigo>} */
const DE_INGRESO = new Set(["AUTH_REQUIRED", "AUTH_INVALID", "TOKEN_EXPIRED"]);
/** @type {Set<Codigo>} */
const PASAJEROS = new Set(["RATE_LIMITED", "UNAVAILABLE"]);

/** Una negativa, del servidor o de este módulo. `code` es estable; `message`, para una persona. */
export class ErrorMensajeria extends Error {
  /** @param {Negativa} negativa */
  constructor({ code, message, campo, reintentarEn, evento }) {
    super(message ?? TEXTOS[code] ?? code);
    this.name = "ErrorMensajeria";
    this.code = code;
    /** Campo culpable, con puntos: `contenido.texto`. */
    this.campo = campo;
    /** Segundos tras los que vale la pena repetir. */
    this.reintentarEn = reintentarEn;
    this.evento = evento;
  }

  /** La credencial no vale: renovarla o ingresar otra vez. */
  get esDeIngreso() {
    return DE_INGRESO.has(this.code);
  }

  /** Repetir lo mismo más tarde puede salir bien. */
  get esPasajero() {
    return PASAJEROS.has(this.code) || this.esDeConexion;
  }

  get esDeConexion() {
    return this.code === SIN_CONEXION || this.code === SIN_RESPUESTA;
  }
}

/** @param {unknown} error */
export function comoError(error) {
  return error instanceof ErrorMensajeria ? error : new ErrorMensajeria({ code: SIN_CONEXION });
}
