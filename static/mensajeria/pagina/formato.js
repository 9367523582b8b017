import { el } from "./dom.js";

// Lo que no puede ir en una dirección: espacios, comillas y los controles de dirección.
const FUERA = String.raw`\s<>"'\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069`;
const URL_ = String.raw`(?:https?:\/\/|www\.(?=[^${FUERA}.]+\.))[^${FUERA}]*[^${FUERA}.,;:!?)\]}*_\x60\u2026\u00bb]`;
const CORREO = String.raw`[\p{L}\p{N}][\p{L}\p{N}._%+-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,24}`;
const CODIGO = String.raw`\x60[^\x60\n]+\x60`;
const NEGRITA = String.raw`\*\*(?=\S)[^\n]*?\S\*\*`;
// Solo con nada pegado a los lados: un_nombre_así no es cursiva.
const CURSIVA = String.raw`(?<![\p{L}\p{N}_])_(?=[^\s_])[^\n]*?[^\s_]_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}_])_[^\s_]_(?![\p{L}\p{N}_])`;
// Como las resuelve el servidor: no tras una letra, que en `ana@correo.com` no se nombra a nadie.
const MENCION = String.raw`(?<![\p{L}\p{N}_@.])@[\p{L}\p{N}_](?:[\p{L}\p{N}_.+-]*[\p{L}\p{N}_])?`;
const TODO = new RegExp(
  `(?<codigo>${CODIGO})|(?<url>(?<![\\p{L}\\p{N}])${URL_})|(?<correo>(?<![\\p{L}\\p{N}._%+-])${CORREO})|(?<mencion>${MENCION})|(?<negrita>${NEGRITA})|(?<cursiva>${CURSIVA})`,
  "giu",
);
// Negrita en cursiva en negrita…: nadie lo necesita más hondo.
const HONDO = 3;

/** @typedef {(nombre: string) => "" | "mencion" | "mencion.mia"} Nombrado cómo se pinta; vacío, como lo demás */

/**
 * Lo escrito, con sus enlaces, a quién nombra y su formato ligero (`**negrita**`, `_cursiva_`, y entre
 * acentos graves), como nodos: nada de lo que escribe una persona pasa por HTML.
 *
 * @param {string} texto
 * @param {Nombrado} nombrado
 * @returns {(Node | string)[]}
 */
export function conFormato(texto, nombrado = () => "", hondo = 0) {
  if (hondo > HONDO) return [texto];
  /** @type {(Node | string)[]} */
  const nodos = [];
  let desde = 0;
  for (const hallado of texto.matchAll(TODO)) {
    nodos.push(texto.slice(desde, hallado.index), nodoDe(hallado[0], hallado.groups ?? {}, nombrado, hondo));
    desde = hallado.index + hallado[0].length;
  }
  nodos.push(texto.slice(desde));
  return nodos.filter((nodo) => nodo !== "");
}

/**
 * @param {string} crudo
 * @param {Record<string, string | undefined>} grupos
 * @param {Nombrado} nombrado
 * @param {number} hondo
 */
function nodoDe(crudo, { codigo, url, correo, mencion, negrita }, nombrado, hondo) {
  if (codigo) return el("code.codigo-suelto", { texto: crudo.slice(1, -1) });
  if (url) return enlace(/^www\./i.test(url) ? `https://${url}` : url, url);
  if (correo) return el("a", { href: `mailto:${correo}`, texto: correo });
  if (mencion) {
    const clase = nombrado(crudo.slice(1));
    return clase ? el(`span.${clase}`, { texto: crudo }) : crudo;
  }
  if (negrita) return el("strong", {}, ...conFormato(crudo.slice(2, -2), nombrado, hondo + 1));
  return el("em", {}, ...conFormato(crudo.slice(1, -1), nombrado, hondo + 1));
}

/**
 * Un enlace solo si es de la web; lo demás queda en texto.
 *
 * @param {string} url
 * @param {string} texto
 */
export function enlace(url, texto) {
  try {
    const destino = new URL(url, location.origin);
    if (!["http:", "https:"].includes(destino.protocol)) return texto;
    return el("a", { href: destino.href, target: "_blank", rel: "noopener noreferrer nofollow", texto });
  } catch {
    return texto;
  }
}
