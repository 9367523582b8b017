import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";

/**
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { Entorno } from "./fila.js"
 * @import { Opcion } from "./menu.js"
 */

const NOMBRES = {
  like: t("Me gusta"),
  love: t("Me encanta"),
  laugh: t("Me divierte"),
  surprise: t("Me asombra"),
  sad: t("Me entristece"),
  angry: t("Me enfada"),
  thumbs_down: t("No me gusta"),
};

/**
 * Las que tienen dibujo aquí. Las de la casa son un emoji o una palabra, y se ven como son.
 *
 * @param {string} tipo
 * @returns {tipo is keyof typeof NOMBRES}
 */
const esDeAqui = (tipo) => Object.hasOwn(NOMBRES, tipo);

/** @param {string} tipo */
const nombreDe = (tipo) => (esDeAqui(tipo) ? NOMBRES[tipo] : tipo);

/** @param {string} tipo */
const dibujoDe = (tipo) => (esDeAqui(tipo) ? icono(tipo) : el("bdi.reaccion-dicha", { texto: tipo }));

/**
 * Las que se ofrecen en el menú de un mensaje.
 *
 * @param {string[]} tipos
 * @param {string | undefined} mia la que ya se puso
 * @param {(tipo: string | null) => void} reaccionar
 * @returns {Opcion[]}
 */
export const opcionesDeReaccion = (tipos, mia, reaccionar) =>
  tipos.map((tipo) => ({
    texto: nombreDe(tipo),
    icono: dibujoDe(tipo),
    soloIcono: true,
    marcado: tipo === mia,
    hacer: () => reaccionar(tipo === mia ? null : tipo),
  }));

/**
 * Las que tiene un mensaje, las iguales juntas; también las que ya no se ofrecen.
 *
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
export function reacciones(mensaje, { yo, acciones }) {
  if (!mensaje.reacciones.length) return null;
  /** @type {Map<string, string[]>} */
  const grupos = new Map();
  for (const { tipo, usuario } of mensaje.reacciones)
    grupos.set(tipo, [...(grupos.get(tipo) ?? []), usuario]);
  const botones = [...grupos].map(([tipo, usuarios]) => {
    const mia = yo !== null && usuarios.includes(yo);
    const datos = { reaccion: nombreDe(tipo), n: usuarios.length };
    const etiqueta = mia ? t("{reaccion}: {n}, incluida la tuya", datos) : t("{reaccion}: {n}", datos);
    const clic = () => acciones.reaccionar(mensaje, mia ? null : tipo);
    return el(
      "button.reaccion",
      {
        type: "button",
        "aria-pressed": String(mia),
        "aria-label": etiqueta,
        "data-accion": `reaccion-${tipo}`,
        click: clic,
      },
      dibujoDe(tipo),
      " ",
      el("span", { texto: usuarios.length }),
    );
  });
  return el("div.reacciones", {}, ...botones);
}
