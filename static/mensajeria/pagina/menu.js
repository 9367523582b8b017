import { el, porId } from "./dom.js";
import { icono } from "./iconos.js";

/**
 * @import { Icono } from "./iconos.js"
 *
 * @typedef {object} Opcion
 * @property {string} texto
 * @property {Icono | Element} icono
 * @property {() => void} hacer
 * @property {boolean} [peligro]
 * @property {boolean} [marcado] Si es una de varias entre las que se elige.
 * @property {boolean} [soloIcono]
 *
 * @typedef {{grupo: string, entradas: Opcion[]}} Grupo Varias en fila.
 */

/** @type {HTMLElement | null} */
let origen = null;

/**
 * Abre el menú de la página junto a `boton`.
 *
 * @param {HTMLElement} boton
 * @param {(Opcion | Grupo)[]} entradas
 * @param {string} etiqueta
 */
export function abrirMenu(boton, entradas, etiqueta) {
  const menu = porId("menu");
  if (origen === boton && menu.matches(":popover-open")) return menu.hidePopover();
  if (menu.matches(":popover-open")) menu.hidePopover();
  origen = boton;
  menu.setAttribute("aria-label", etiqueta);
  menu.replaceChildren(...entradas.map(entradaDe));
  menu.showPopover();
  boton.setAttribute("aria-expanded", "true");
  colocar(menu, boton);
  opciones(menu)[0]?.focus();
}

/** @param {Opcion | Grupo} entrada */
function entradaDe(entrada) {
  if (!("grupo" in entrada)) return opcion(entrada);
  return el("div.menu-fila", { role: "group", "aria-label": entrada.grupo }, ...entrada.entradas.map(opcion));
}

/** @param {Opcion} opcion */
function opcion({ texto, icono: dibujo, hacer, peligro, marcado, soloIcono }) {
  const clic = () => {
    porId("menu").hidePopover();
    hacer();
  };
  const boton = el(
    `button.menu-opcion${peligro ? ".peligro" : ""}`,
    {
      type: "button",
      tabindex: "-1",
      role: marcado === undefined ? "menuitem" : "menuitemradio",
      "aria-checked": marcado?.toString(),
      "aria-label": soloIcono ? texto : undefined,
      click: clic,
    },
    typeof dibujo === "string" ? icono(dibujo) : dibujo,
  );
  if (!soloIcono) boton.append(el("span", { texto }));
  return boton;
}

/**
 * @param {HTMLElement} menu
 * @returns {HTMLElement[]}
 */
const opciones = (menu) => [...menu.querySelectorAll(/** @type {"button"} */ (".menu-opcion"))];

/**
 * Junto al botón, sin salirse de la ventana.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} boton
 */
export function colocar(panel, boton) {
  const b = boton.getBoundingClientRect();
  const p = panel.getBoundingClientRect();
  const margen = 8;
  const x = Math.min(Math.max(margen, b.right - p.width), innerWidth - p.width - margen);
  const cabeAbajo = b.bottom + p.height + margen < innerHeight;
  const y = cabeAbajo ? b.bottom + 4 : Math.max(margen, b.top - p.height - 4);
  panel.style.left = `${Math.max(margen, x)}px`;
  panel.style.top = `${y}px`;
}

/** @param {KeyboardEvent} evento */
function alTeclear(evento) {
  const menu = porId("menu");
  const todas = opciones(menu);
  const i = todas.findIndex((o) => o === document.activeElement);
  /** @type {Record<string, number>} */
  const destinos = {
    ArrowDown: i + 1,
    ArrowRight: i + 1,
    ArrowUp: i - 1,
    ArrowLeft: i - 1,
    Home: 0,
    End: -1,
  };
  if (evento.key === "Tab") return menu.hidePopover();
  if (!(evento.key in destinos)) return;
  evento.preventDefault();
  todas.at(destinos[evento.key] % todas.length)?.focus();
}

export function prepararMenu() {
  const menu = porId("menu");
  menu.addEventListener("keydown", alTeclear);
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed" || !origen) return;
    origen.setAttribute("aria-expanded", "false");
    const perdido = document.activeElement === document.body || menu.contains(document.activeElement);
    if (perdido && origen.isConnected) origen.focus();
    origen = null;
  });
}
