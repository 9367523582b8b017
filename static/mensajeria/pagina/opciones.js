import { porId } from "./dom.js";
import { t } from "./idioma.js";
import { abrirMenu } from "./menu.js";
import { opcionesPropias } from "./preferencias.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Opcion } from "./menu.js"
 *
 * @typedef {object} Mandos
 * @property {() => string | null} abierta
 * @property {(id: string) => void} buscar
 * @property {(id: string) => void} detalles
 */

/**
 * El menú de una conversación: desde su cabecera, y desde su fila con el botón derecho, la tecla del
 * menú o una pulsación larga.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Mandos} mandos
 */
export function prepararOpciones(cliente, { abierta, buscar, detalles }) {
  const boton = porId("abrir-opciones");
  boton.addEventListener("click", () => {
    const conversacion = cliente.conversacion(abierta() ?? "");
    if (!conversacion) return;
    const { _id } = conversacion;
    /** @type {Opcion[]} */
    const otras = [
      { texto: t("Buscar aquí"), icono: "lupa", hacer: () => buscar(_id) },
      { texto: t("Detalles"), icono: "info", hacer: () => detalles(_id) },
    ];
    abrirMenu(boton, [...otras, ...opcionesPropias(cliente, conversacion, boton)], t("Opciones"));
  });
  porId("lista").addEventListener("contextmenu", (evento) => {
    const fila = evento.target instanceof Element ? evento.target.closest("[data-id]") : null;
    const conversacion = cliente.conversacion(fila?.getAttribute("data-id") ?? "");
    const enlace = /** @type {HTMLElement | null} */ (fila?.querySelector("a"));
    if (!conversacion || !enlace) return;
    evento.preventDefault();
    abrirMenu(enlace, opcionesPropias(cliente, conversacion, enlace), t("Opciones de la conversación"));
  });
}
