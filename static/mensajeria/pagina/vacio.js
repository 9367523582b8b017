import { el, oculto, porId } from "./dom.js";
import { t } from "./idioma.js";
import { enPalabras } from "./textos.js";

/**
 * Lo que se dice sobre el hilo: que no se pudo cargar, o que aún no hay nada.
 *
 * @param {boolean} hay algún mensaje
 * @param {unknown} error
 * @param {(() => void) | false} reintentar si de aquí depende
 */
export function avisarEnElHilo(hay, error, reintentar) {
  const aviso = porId("hilo-aviso");
  aviso.hidden = hay && !error;
  aviso.classList.toggle("fijo", hay);
  if (error)
    aviso.replaceChildren(
      el("p", { texto: t("No se pudieron cargar los mensajes. {motivo}", { motivo: enPalabras(error) }) }),
      reintentar
        ? el("button.boton.boton-suave", { type: "button", texto: t("Reintentar"), click: reintentar })
        : "",
    );
  else if (!hay)
    aviso.replaceChildren(
      el("p.vacio-titulo", { texto: t("Aún no hay mensajes") }),
      el("p.suave", { texto: t("Escribe el primero.") }),
    );
}

/**
 * La fila de un mensaje que aún no se ha cargado.
 *
 * @param {HTMLElement} fila
 */
export function ponerHueco(fila) {
  fila.className = "fila hueca";
  fila.removeAttribute("style");
  fila.replaceChildren(el("span.esqueleto", { "aria-hidden": "true" }), oculto(t("Cargando…")));
}
