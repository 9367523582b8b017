import { el } from "./dom.js";
import { nombreDe, otrosDe, tituloDe } from "./textos.js";

/** @import { Conversacion, Persona } from "../cliente/eventos.js" */

const TONOS = 8;
// Donde están los que se subieron aquí, y lo que puede ir detrás.
const AQUI = new URL("avatares/", document.baseURI).pathname;
const CLAVE = /^[\w./-]+$/;

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
 * @param {string} [imagen]
 */
function redondo(id, nombre, imagen, clases = "") {
  const letras = el("span", { texto: iniciales(nombre) });
  return el(`span.avatar.tono-${tonoDe(id)}${clases}`, { "aria-hidden": "true" }, letras, imagenDe(imagen));
}

/**
 * La imagen, si se subió aquí: la de fuera no se pide nunca. Si no llega, quedan las iniciales.
 *
 * @param {string} [src]
 */
function imagenDe(src) {
  if (!src?.startsWith(AQUI) || !CLAVE.test(src.slice(AQUI.length))) return null;
  // Al momento: la lista se dibuja a menudo, y si ya está traída no ha de parpadear.
  const imagen = el("img", { src, alt: "", decoding: "sync", draggable: "false" });
  imagen.addEventListener("error", () => imagen.remove());
  return imagen;
}

/** @param {Pick<Persona, "_id" | "nombre" | "apellido"> & Partial<Persona> | null | undefined} persona */
export const avatarDe = (persona) => redondo(persona?._id ?? "", nombreDe(persona), persona?.avatar_url);

/**
 * El de una persona, con su presencia.
 *
 * @param {Persona & {enLinea: boolean}} persona
 */
export function avatarPresente(persona) {
  const avatar = avatarDe(persona);
  if (persona.enLinea) avatar.append(el("span.en-linea-punto"));
  return avatar;
}

/**
 * El de una conversación: la otra persona, con su presencia, o el grupo.
 *
 * @param {Conversacion} conversacion
 * @param {string | null} yo
 */
export function avatarDeConversacion(conversacion, yo) {
  const otros = otrosDe(conversacion, yo);
  const sola = conversacion.tipo === "individual" && otros.length === 1 ? otros[0] : null;
  if (sola) return avatarPresente({ ...sola.usuario, enLinea: sola.enLinea });
  return redondo(conversacion._id, tituloDe(conversacion, yo), conversacion.configuracion.avatar, ".grupo");
}
