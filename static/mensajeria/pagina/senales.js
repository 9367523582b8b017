import { el, oculto } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { estaSilenciada, preferenciasDe } from "./preferencias.js";

/** @import { Conversacion } from "../cliente/eventos.js" */

/**
 * Lo que en su fila dice cómo la quiere tener esta persona.
 *
 * @param {Conversacion} conversacion
 */
export function senales(conversacion) {
  const partes = [];
  if (estaSilenciada(conversacion))
    partes.push(el("span.senal", {}, icono("silencio"), oculto(t("En silencio"))));
  if (preferenciasDe(conversacion).anclada)
    partes.push(el("span.senal", {}, icono("fijar"), oculto(t("Anclada"))));
  return partes;
}
