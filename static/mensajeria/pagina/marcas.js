import { el } from "./dom.js";

/** @import { Fragmento } from "../cliente/eventos.js" */

const NOMBRE = "hallado";

/**
 * Las que caben en el texto, en orden y sin pisarse.
 *
 * @param {Fragmento} fragmento
 */
function validas({ texto, marcas }) {
  /** @type {[number, number][]} */
  const buenas = [];
  for (const [desde, hasta] of [...marcas].sort((a, b) => a[0] - b[0])) {
    const previa = buenas.at(-1)?.[1] ?? 0;
    if (desde >= previa && hasta > desde && hasta <= texto.length) buenas.push([desde, hasta]);
  }
  return buenas;
}

/**
 * El fragmento, con lo que coincide en `<mark>`.
 *
 * @param {Fragmento} fragmento
 * @returns {(Node | string)[]}
 */
export function conMarcas(fragmento) {
  const { texto } = fragmento;
  const nodos = [];
  let fin = 0;
  for (const [desde, hasta] of validas(fragmento)) {
    nodos.push(texto.slice(fin, desde), el("mark", { texto: texto.slice(desde, hasta) }));
    fin = hasta;
  }
  return [...nodos, texto.slice(fin)];
}

/** @type {MutationObserver | undefined} */
let mirador;

/**
 * Resalta en un mensaje lo que coincidió, sin cambiar sus nodos; donde el navegador no sabe, nada. Si
 * su fila se dibuja otra vez, también.
 *
 * @param {HTMLElement} fila
 * @param {Fragmento} fragmento
 */
export function resaltar(fila, fragmento) {
  dejarDeResaltar();
  if (!("highlights" in CSS)) return;
  const palabras = new Set(validas(fragmento).map((m) => fragmento.texto.slice(...m).toLowerCase()));
  const pintar = () => {
    const partes = fila.querySelectorAll(".texto, .archivo-nombre");
    CSS.highlights.set(NOMBRE, new Highlight(...[...partes].flatMap((parte) => rangosDe(parte, palabras))));
  };
  pintar();
  mirador = new MutationObserver(pintar);
  mirador.observe(fila, { childList: true, subtree: true });
}

export function dejarDeResaltar() {
  mirador?.disconnect();
  if ("highlights" in CSS) CSS.highlights.delete(NOMBRE);
}

/**
 * @param {Element} parte
 * @param {Set<string>} palabras
 */
function rangosDe(parte, palabras) {
  const rangos = [];
  const nodos = document.createTreeWalker(parte, NodeFilter.SHOW_TEXT);
  for (let nodo; (nodo = nodos.nextNode());) {
    const texto = (nodo.nodeValue ?? "").toLowerCase();
    for (const palabra of palabras) {
      for (let i = texto.indexOf(palabra); i >= 0; i = texto.indexOf(palabra, i + palabra.length)) {
        const rango = document.createRange();
        rango.setStart(nodo, i);
        rango.setEnd(nodo, i + palabra.length);
        rangos.push(rango);
      }
    }
  }
  return rangos;
}
