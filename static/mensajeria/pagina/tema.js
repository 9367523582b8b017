import { t } from "./idioma.js";

const CLAVE = "servitech.tema";

/**
 * @import { Icono } from "./iconos.js"
 *
 * @typedef {"sistema" | "claro" | "oscuro"} Tema
 */

/** @type {{valor: Tema, texto: string, icono: Icono}[]} */
export const TEMAS = [
  { valor: "sistema", texto: t("Como el sistema"), icono: "sistema" },
  { valor: "claro", texto: t("Claro"), icono: "sol" },
  { valor: "oscuro", texto: t("Oscuro"), icono: "luna" },
];

export const temaElegido = () => document.documentElement.dataset.tema ?? "sistema";

/** @param {Tema} valor */
export function elegirTema(valor) {
  if (valor === "sistema") delete document.documentElement.dataset.tema;
  else document.documentElement.dataset.tema = valor;
  try {
    localStorage.setItem(CLAVE, valor);
  } catch {}
}
