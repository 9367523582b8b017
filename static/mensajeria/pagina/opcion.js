import { avatarDe, avatarPresente } from "./avatar.js";
import { el, oculto } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { nombreDe } from "./textos.js";

/** @import { PersonaVista } from "../cliente/eventos.js" */

/**
 * Una persona entre las que se elige.
 *
 * @param {PersonaVista} persona
 * @param {{id: string, elegida: boolean, alternar: () => void}} opciones
 */
export function opcionDe(persona, { id, elegida, alternar }) {
  const detalle = [persona.username && `@${persona.username}`, persona.esExperto && t("Experto")];
  return el(
    "li.opcion",
    {
      id,
      role: "option",
      "aria-selected": String(elegida),
      // Pulsar no le quita el foco al campo: en un teléfono, no cierra el teclado.
      mousedown: (evento) => evento.preventDefault(),
      click: alternar,
    },
    avatarPresente(persona),
    el(
      "span.persona-cuerpo",
      {},
      el("bdi.persona-nombre", { texto: nombreDe(persona) }),
      el("span.suave", { dir: "auto", texto: detalle.filter(Boolean).join(" · ") }),
    ),
    persona.enLinea && oculto(t("En línea")),
    el("span.opcion-marca", {}, elegida && icono("uno")),
  );
}

/**
 * Una ya elegida, que se puede quitar.
 *
 * @param {PersonaVista} persona
 * @param {() => void} quitar
 */
export function elegidaDe(persona, quitar) {
  const etiqueta = t("Quitar a {nombre}", { nombre: nombreDe(persona) });
  return el(
    "li.elegida",
    {},
    avatarDe(persona),
    el("bdi", { texto: nombreDe(persona) }),
    el("button", { type: "button", "aria-label": etiqueta, click: quitar }, icono("cerrar")),
  );
}

/**
 * Lo que se ve mientras llegan.
 *
 * @param {number} cuantas
 */
export function huesos(cuantas) {
  const fila = () =>
    el(
      "span.esqueleto-fila",
      { "aria-hidden": "true" },
      el("span.esqueleto.esqueleto-avatar"),
      el("span.esqueleto-lineas", {}, el("span.esqueleto"), el("span.esqueleto.corta")),
    );
  return Array.from({ length: cuantas }, fila);
}
