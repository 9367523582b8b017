import { t } from "./idioma.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Persona } from "../cliente/eventos.js"
 *
 * @typedef {{get: (id: string) => Persona | undefined}} Personas
 */

// De una numerosa no se sabe quiénes están todos: que no se conozca a alguien no dice que ya no exista.
const DESCONOCIDA = { _id: "", nombre: t("Un participante"), apellido: "", avatar_url: "" };

/** @param {Conversacion} conversacion */
export const esNumerosa = (conversacion) => conversacion.totalConectados !== undefined;

/**
 * Quién es cada cual en una conversación.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Conversacion} conversacion
 * @returns {Personas}
 */
export function personasDe(cliente, conversacion) {
  const conocidas = cliente.personas(conversacion._id);
  const falta = esNumerosa(conversacion) ? DESCONOCIDA : undefined;
  return { get: (id) => conocidas.get(id) ?? falta };
}
