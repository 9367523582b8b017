import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { recortar } from "./recorte.js";

const IMAGENES = "image/jpeg,image/png,image/gif,image/webp";

/**
 * @typedef {object} Manera
 * @property {boolean} redondo
 * @property {() => HTMLElement} avatar el de ahora
 * @property {() => boolean} hay si tiene imagen
 * @property {(recorte: Blob) => Promise<void>} poner
 * @property {() => Promise<void>} quitar
 * @property {(error: unknown) => void} fallo
 */

/** Un avatar que se cambia: se elige una imagen, se recorta y se pone, o se quita. */
export class Retrato {
  #manera;
  #marco = el("span.retrato-marco");
  #cambiar;
  #quitar;
  #archivo = el("input", { type: "file", accept: IMAGENES, hidden: true });
  #caja;

  /**
   * @param {HTMLElement} raiz
   * @param {Manera} manera
   */
  constructor(raiz, manera) {
    this.#manera = manera;
    this.#caja = raiz;
    this.#cambiar = el("button.boton.boton-suave", { type: "button", click: () => this.#archivo.click() });
    this.#quitar = el("button.boton.boton-peligro", {
      type: "button",
      texto: t("Quitar la foto"),
      click: () => this.#hacer(() => manera.quitar()),
    });
    raiz.classList.add("retrato");
    raiz.append(this.#marco, el("span.retrato-botones", {}, this.#cambiar, this.#quitar), this.#archivo);
    this.#archivo.addEventListener("change", () => this.#elegir());
    this.pintar();
  }

  pintar() {
    this.#marco.replaceChildren(this.#manera.avatar());
    const hay = this.#manera.hay();
    const texto = hay ? t("Cambiar la foto") : t("Poner una foto");
    this.#cambiar.replaceChildren(icono("camara"), texto);
    const conFoco = document.activeElement === this.#quitar;
    this.#quitar.hidden = !hay;
    if (conFoco && !hay) this.#cambiar.focus();
  }

  async #elegir() {
    const [archivo] = this.#archivo.files ?? [];
    this.#archivo.value = "";
    if (!archivo) return;
    let recorte;
    try {
      recorte = await recortar(archivo, this.#manera);
    } catch {
      const message = t("No se pudo abrir esa imagen. Elige otra, en JPEG, PNG, GIF o WebP.");
      return this.#manera.fallo({ message });
    }
    if (recorte) await this.#hacer(() => this.#manera.poner(/** @type {Blob} */ (recorte)));
  }

  /** @param {() => Promise<void>} que */
  async #hacer(que) {
    this.#caja.setAttribute("aria-busy", "true");
    try {
      await que();
    } catch (error) {
      this.#manera.fallo(error);
    }
    this.#caja.removeAttribute("aria-busy");
    this.pintar();
  }
}
