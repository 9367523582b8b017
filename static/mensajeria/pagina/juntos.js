import { mismoDia } from "./textos.js";

/** @import { Mensaje } from "../cliente/eventos.js" */

// Mensajes seguidos de la misma persona, con menos de esto entre ellos, van juntos.
const JUNTOS = 5 * 60_000;

/**
 * Si un mensaje sigue a otro sin que haga falta repetir quién habla.
 *
 * @param {Mensaje} mensaje
 * @param {Mensaje} [previo]
 */
export function vaJunto(mensaje, previo) {
  if (!previo || previo.contenido.tipo === "sistema" || !mismoDia(mensaje.fechaEnvio, previo.fechaEnvio))
    return false;
  return (
    mensaje.remitente?._id === previo.remitente?._id &&
    Date.parse(mensaje.fechaEnvio) - Date.parse(previo.fechaEnvio) < JUNTOS
  );
}
