import { porId } from "./dom.js";

/**
 * @typedef {object} Mandos Lo que hacen las teclas.
 * @property {() => void} buscarEnTodo
 * @property {() => boolean} buscarAqui `false` si no hay conversación abierta
 * @property {(paso: 1 | -1) => void} mover
 * @property {() => boolean} dejar deja la búsqueda; `false` si no había
 */

const CAMPOS = "input, textarea, select, [contenteditable]";

/**
 * Las teclas que valen en toda la página.
 *
 * @param {Mandos} mandos
 */
export function prepararAtajos(mandos) {
  document.addEventListener("keydown", (evento) => {
    if (evento.defaultPrevented || porId("mensajeria").hidden) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (atender(evento, mandos)) evento.preventDefault();
  });
}

/**
 * `true` si era una de ellas.
 *
 * @param {KeyboardEvent} evento
 * @param {Mandos} mandos
 */
function atender(evento, mandos) {
  const { key, target, shiftKey } = evento;
  const conCtrl = (evento.ctrlKey || evento.metaKey) && !evento.altKey && !shiftKey;
  const escribe = target instanceof Element && target.matches(CAMPOS);
  const suelta = !evento.ctrlKey && !evento.metaKey && !evento.altKey;
  if ((key === "/" && suelta && !escribe) || (key.toLowerCase() === "k" && conCtrl)) mandos.buscarEnTodo();
  // Otra vez, desde el campo de buscar: la del navegador.
  else if (key.toLowerCase() === "f" && conCtrl) {
    return !porId("busqueda").contains(document.activeElement) && mandos.buscarAqui();
  } else if (key === "F3" && suelta) return mandos.mover(shiftKey ? -1 : 1), true;
  else if (key === "Escape" && suelta && !escribe) return mandos.dejar();
  else return false;
  return true;
}
