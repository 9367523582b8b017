import { conAviso } from "./avisos.js";
import { el, porId } from "./dom.js";
import { IDIOMA, t } from "./idioma.js";
import { colocar } from "./menu.js";

/** @typedef {{emoji: string, nombre: string, buscable: string}} Emoji */

const CLAVE = "servitech.emojis";
const MAX_RECIENTES = 16;
const MAX_HALLADOS = 80;

/** @type {{titulo: string, emojis: Emoji[]}[] | null} se leen al abrirlo por primera vez */
let grupos = null;

/**
 * El selector de emoji de la caja de escribir.
 *
 * @param {(emoji: string) => void} alElegir
 */
export function prepararEmojis(alElegir) {
  const [panel, boton, buscar] = [porId("emojis"), porId("abrir-emojis"), porId("emojis-buscar")];
  boton.addEventListener("click", () => conAviso(abrir()));
  buscar.addEventListener("input", () => pintar());
  panel.addEventListener("click", ({ target }) => {
    const emoji = target instanceof Element && target.closest("[data-emoji]")?.getAttribute("data-emoji");
    if (!emoji) return;
    recordar(emoji);
    panel.hidePopover();
    alElegir(emoji);
  });
  panel.addEventListener("keydown", alTeclear);
  panel.addEventListener("toggle", ({ newState }) => {
    boton.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed" && panel.contains(document.activeElement)) boton.focus();
  });
}

async function abrir() {
  const [panel, boton, buscar] = [porId("emojis"), porId("abrir-emojis"), porId("emojis-buscar")];
  grupos ??= deTexto((await import("./emojis.js")).GRUPOS);
  buscar.value = "";
  pintar();
  panel.showPopover();
  colocar(panel, boton);
  buscar.focus();
}

/**
 * @param {{es: string, en: string, emojis: string}[]} crudos
 */
const deTexto = (crudos) =>
  crudos.map((grupo) => ({ titulo: grupo[IDIOMA], emojis: grupo.emojis.split("\n").map(deLinea) }));

/** @param {string} linea */
function deLinea(linea) {
  const [, emoji, es, en] = /** @type {string[]} */ (/^(\S+) (.*)\|(.*)$/.exec(linea));
  return { emoji, nombre: IDIOMA === "en" ? en : es, buscable: sinAcentos(`${es} ${en}`) };
}

/** @param {string} texto */
const sinAcentos = (texto) => texto.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function pintar() {
  const todos = (grupos ?? []).flatMap((g) => g.emojis);
  const palabras = sinAcentos(porId("emojis-buscar").value).split(/\s+/).filter(Boolean);
  const hallados = todos.filter((e) => palabras.every((p) => ` ${e.buscable}`.includes(` ${p}`)));
  const recientes = leerRecientes().flatMap((uno) => todos.find((e) => e.emoji === uno) ?? []);
  const secciones = palabras.length
    ? [{ titulo: t("Hallados"), emojis: hallados.slice(0, MAX_HALLADOS) }]
    : [{ titulo: t("Recientes"), emojis: recientes }, ...(grupos ?? [])];
  const conAlgo = secciones.filter(({ emojis }) => emojis.length);
  porId("emojis-rejilla").replaceChildren(...conAlgo.map(seccion));
  porId("emojis-nada").hidden = conAlgo.length > 0;
  // Uno solo se alcanza con el tabulador; a los demás se va con las flechas.
  botones()[0]?.setAttribute("tabindex", "0");
}

/** @param {{titulo: string, emojis: Emoji[]}} seccion */
function seccion({ titulo, emojis }) {
  const fila = emojis.map(({ emoji, nombre }) =>
    el("button.emoji", {
      type: "button",
      tabindex: "-1",
      "data-emoji": emoji,
      "aria-label": nombre,
      title: nombre,
      texto: emoji,
    }),
  );
  return el(
    "div",
    { role: "group", "aria-label": titulo },
    el("p.emojis-titulo", { "aria-hidden": "true", texto: titulo }),
    el("div.emojis-fila", {}, ...fila),
  );
}

/** @returns {HTMLElement[]} */
const botones = () => [...porId("emojis-rejilla").querySelectorAll(/** @type {"button"} */ ("button"))];

/** @param {KeyboardEvent} evento */
function alTeclear(evento) {
  const enBuscar = evento.target === porId("emojis-buscar");
  const todos = botones();
  if (enBuscar && evento.key === "Enter") {
    evento.preventDefault();
    return todos[0]?.click();
  }
  if (enBuscar && evento.key !== "ArrowDown") return;
  const i = todos.findIndex((b) => b === document.activeElement);
  const destino = enBuscar ? todos[0] : vecino(todos, i, evento.key);
  if (!destino) return;
  evento.preventDefault();
  todos[i]?.setAttribute("tabindex", "-1");
  destino.setAttribute("tabindex", "0");
  destino.focus();
}

/**
 * El de al lado, o el de encima o debajo según se ven.
 *
 * @param {HTMLElement[]} todos
 * @param {number} i
 * @param {string} tecla
 */
function vecino(todos, i, tecla) {
  if (tecla === "ArrowRight") return todos[i + 1];
  if (tecla === "ArrowLeft") return todos[i - 1];
  if (tecla === "Home") return todos[0];
  if (tecla === "End") return todos.at(-1);
  if (tecla !== "ArrowDown" && tecla !== "ArrowUp") return undefined;
  const { offsetTop, offsetLeft } = todos[i];
  const abajo = tecla === "ArrowDown";
  const otros = abajo ? todos.slice(i + 1) : todos.slice(0, i).reverse();
  const fila = otros.find((b) => b.offsetTop !== offsetTop)?.offsetTop;
  const enFila = otros.filter((b) => b.offsetTop === fila);
  const lejos = (/** @type {HTMLElement} */ b) => Math.abs(b.offsetLeft - offsetLeft);
  return enFila.sort((a, b) => lejos(a) - lejos(b))[0];
}

/** @returns {string[]} */
function leerRecientes() {
  try {
    return JSON.parse(localStorage.getItem(CLAVE) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} emoji */
function recordar(emoji) {
  const recientes = [emoji, ...leerRecientes().filter((e) => e !== emoji)].slice(0, MAX_RECIENTES);
  try {
    localStorage.setItem(CLAVE, JSON.stringify(recientes));
  } catch {}
}
