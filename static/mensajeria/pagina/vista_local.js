import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { callar } from "./reproductor.js";
import { minutos } from "./rotulos.js";

/** @import { Icono } from "./iconos.js" */

const LADO = 320;
/** @type {[string, Icono][]} */
const DIBUJOS = [
  ["image/", "imagen"],
  ["video/", "video"],
  ["audio/", "audio"],
];

/** @type {WeakMap<Blob, HTMLElement>} */
const vistas = new WeakMap();
// Una foto de un teléfono, abierta, son cincuenta megabytes: de una en una.
let turno = Promise.resolve();

/**
 * Un archivo de este equipo, como se verá: una imagen, pintada; lo demás, su dibujo. La de un archivo es
 * siempre la misma, así que está en un solo sitio.
 *
 * @param {Blob} archivo
 */
export function vistaDe(archivo) {
  const ya = vistas.get(archivo);
  if (ya) return ya;
  const [, dibujo] = DIBUJOS.find(([principio]) => archivo.type.startsWith(principio)) ?? ["", "archivo"];
  const vista = el("span.vista", { "aria-hidden": "true" }, icono(/** @type {Icono} */ (dibujo)));
  vistas.set(archivo, vista);
  // La que el navegador no sabe abrir se queda en su dibujo: el servidor dirá si vale.
  if (dibujo === "imagen") turno = turno.then(() => pintar(vista, archivo)).catch(() => {});
  return vista;
}

/**
 * En un lienzo, que pesa lo que se ve; la política de la página no admite imágenes en `blob:`.
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

/**
 * Un audio o un vídeo de este equipo, para oírlo o verlo antes de enviarlo; nada, si no lo es. Al
 * quitarlo, `soltar`.
 *
 * @param {Blob} archivo
 * @param {string} nombre
 */
export function medioDe(archivo, nombre) {
  const [clase] = archivo.type.split("/");
  if (clase !== "audio" && clase !== "video") return null;
  const medio = el(clase, { src: URL.createObjectURL(archivo), playsinline: true, preload: "metadata" });
  const [mando, dice, tiempo] = [el("span.medio-mando"), el("span.oculto"), el("span.medio-tiempo")];
  const alternar = () => (medio.paused ? medio.play().catch(() => {}) : medio.pause());
  const boton = el("button.vista.medio", { type: "button", click: alternar }, medio, mando, dice, tiempo);
  const mostrar = () => {
    const { paused, currentTime, duration } = medio;
    mando.replaceChildren(icono(paused ? "reproducir" : "pausa"));
    dice.textContent = `${paused ? (clase === "audio" ? t("Oír") : t("Ver")) : t("Pausar")} ${nombre} `;
    // Lo que graba un navegador no dice cuánto dura.
    const dura = Number.isFinite(duration) ? duration : 0;
    tiempo.textContent = currentTime || dura ? minutos(paused && !currentTime ? dura : currentTime) : "";
  };
  for (const aviso of ["play", "pause", "durationchange", "timeupdate", "ended"])
    medio.addEventListener(aviso, mostrar);
  medio.addEventListener("play", () => callar(medio));
  // El que el navegador no sabe abrir se queda en su dibujo.
  medio.addEventListener("error", () => {
    soltar(medio);
    boton.replaceWith(vistaDe(archivo));
  });
  mostrar();
  return boton;
}

/** @param {HTMLMediaElement} medio */
export const soltar = ({ src }) => URL.revokeObjectURL(src);
