import { el } from "./dom.js";
import { nombreDe, otrosDe, tituloDe } from "./textos.js";

/** @import { Conversacion, Persona } from "../cliente/eventos.js" */

const TONOS = 8;

/** @param {string} id */
function tonoDe(id) {
  let suma = 0;
  for (const letra of id) suma = (suma * 31 + Number(letra.codePointAt(0))) % 9973;
  return suma % TONOS;
}

const inicial = (/** @type {string} */ palabra) => [...palabra.replace(/[^\p{L}\p{N}]/gu, "")][0] ?? "";

/** @param {string} nombre */
function iniciales(nombre) {
  const [primera, ...resto] = nombre.trim().split(/\s+/);
  const letras = inicial(primera) + inicial(resto.at(-1) ?? "");
  return letras.toLocaleUpperCase("es") || "·";
}

/**
 * @param {string} id
 * @param {string} nombre
 */
function redondo(id, nombre, clases = "") {
  return el(`span.avatar.tono-${tonoDe(id)}${clases}`, { "aria-hidden": "true", texto: iniciales(nombre) });
}

/** @param {Pick<Persona, "_id" | "nombre" | "apellido"> | null | undefined} persona */
export const avatarDe = (persona) => redondo(persona?._id ?? "", nombreDe(persona));

/**
 * El de una conversación: la otra persona, con su presencia, o el grupo.
 *
 * @param {Conversacion} conversacion
 * @param {string | null} yo
 */
export function avatarDeConversacion(conversacion, yo) {
  const otros = otrosDe(conversacion, yo);
  const sola = conversacion.tipo === "individual" && otros.length === 1 ? otros[0] : null;
  if (sola) {
    const avatar = avatarDe(sola.usuario);
    if (sola.enLinea) avatar.append(el("span.en-linea-punto"));
    return avatar;
  }
  return redondo(conversacion._id, tituloDe(conversacion, yo), ".grupo");
}
