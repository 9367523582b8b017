import { el } from "./dom.js";
import { icono } from "./iconos.js";

/** @import { Icono } from "./iconos.js" */

const LADO = 320;
/** @type {[string, Icono][]} */
const DIBUJOS = [
  ["image/", "imagen"],
  ["video/", "video"],
  ["audio/", "audio"],
];

/**
 * Un archivo de este equipo, como se verá: una imagen, pintada; lo demás, su dibujo.
 *
 * @param {Blob} archivo
 */
export function vistaDe(archivo) {
  const [, dibujo] = DIBUJOS.find(([principio]) => archivo.type.startsWith(principio)) ?? ["", "archivo"];
  const vista = el("span.vista", { "aria-hidden": "true" }, icono(/** @type {Icono} */ (dibujo)));
  // La que el navegador no sabe abrir se queda en su dibujo: el servidor dirá si vale.
  if (dibujo === "imagen") pintar(vista, archivo).catch(() => {});
  return vista;
}

/**
 * En un lienzo: la política de la página no deja abrir una dirección `blob:`.
 *
 * @param {HTMLElement} vista
 * @param {Blob} archivo
 */
async function pintar(vista, archivo) {
  const entera = await createImageBitmap(archivo);
  const escala = Math.min(1, LADO / Math.max(entera.width, entera.height));
  const lienzo = el("canvas", {
    width: Math.max(1, Math.round(entera.width * escala)),
    height: Math.max(1, Math.round(entera.height * escala)),
  });
  const pincel = lienzo.getContext("2d");
  if (pincel) pincel.imageSmoothingQuality = "high";
  pincel?.drawImage(entera, 0, 0, lienzo.width, lienzo.height);
  entera.close();
  vista.replaceChildren(lienzo);
}
