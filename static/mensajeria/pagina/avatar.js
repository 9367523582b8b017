import { el } from "./dom.js";
import { nombreDe, otrosDe, tituloDe } from "./textos.js";

const TONOS = 8;

function tonoDe(id) {
  let suma = 0;
  for (const letra of id) suma = (suma * 31 + letra.codePointAt(0)) % 9973;
  return suma % TONOS;
}

const inicial = (palabra) => [...palabra.replace(/[^\p{L}\p{N}]/gu, "")][0] ?? "";

function iniciales(nombre) {
  const palabras = nombre.trim().split(/\s+/);
  const letras = inicial(palabras[0]) + (palabras.length > 1 ? inicial(palabras.at(-1)) : "");
  return letras.toLocaleUpperCase("es") || "·";
}

function redondo(id, nombre, clases = "") {
  return el(`span.avatar.tono-${tonoDe(id)}${clases}`, { "aria-hidden": "true", texto: iniciales(nombre) });
}

export const avatarDe = (persona) => redondo(persona?._id ?? "", nombreDe(persona));

/** El de una conversación: la otra persona, con su presencia, o el grupo. */
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
