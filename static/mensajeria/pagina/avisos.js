import { anunciar, el, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { enPalabras } from "./textos.js";

/** @import { ErrorMensajeria } from "../cliente.js" */

const DURACION = 7_000;
const MAX = 3;

/**
 * Un aviso breve sobre la página; devuelve cómo quitarlo antes de tiempo.
 *
 * @param {string} texto
 * @param {{accion?: {texto: string, hacer: () => void}, clase?: string}} [opciones]
 */
export function avisar(texto, { accion, clase = "" } = {}) {
  const aviso = el(
    `div.aviso${clase && `.${clase}`}`,
    {},
    icono(clase === "aviso-error" ? "alerta" : "info"),
    el("p", { texto, dir: "auto" }),
  );
  const quitar = () => aviso.remove();
  if (accion) {
    const hacer = () => {
      quitar();
      accion.hacer();
    };
    aviso.append(el("button.boton-texto", { type: "button", texto: accion.texto, click: hacer }));
  }
  aviso.append(
    el(
      "button.boton-icono",
      { type: "button", "aria-label": t("Cerrar el aviso"), click: quitar },
      icono("cerrar"),
    ),
  );
  const avisos = porId("avisos");
  avisos.append(aviso);
  while (avisos.children.length > MAX) avisos.firstElementChild?.remove();
  anunciar(texto, clase === "aviso-error");
  caducar(aviso);
  return quitar;
}

/** Quita los que haya. */
export const callarAvisos = () => porId("avisos").replaceChildren();

/**
 * Mientras se mira o se usa, no desaparece.
 *
 * @param {HTMLElement} aviso
 */
function caducar(aviso) {
  setTimeout(() => {
    if (aviso.matches(":hover, :focus-within")) caducar(aviso);
    else aviso.remove();
  }, DURACION);
}

/**
 * Lo que salió mal; si es que la sesión terminó, lo dice la entrada.
 *
 * @param {unknown} error
 */
export function avisarError(error) {
  const { esDeIngreso, code } = /** @type {ErrorMensajeria} */ (error);
  if (esDeIngreso || code === "SESION_PERDIDA") return;
  avisar(enPalabras(error), { clase: "aviso-error" });
}

/**
 * Espera una acción y, si falla, dice por qué.
 *
 * @template T
 * @param {Promise<T>} promesa
 */
export async function conAviso(promesa) {
  try {
    return await promesa;
  } catch (error) {
    avisarError(error);
    return undefined;
  }
}
