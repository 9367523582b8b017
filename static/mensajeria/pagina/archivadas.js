import { porId } from "./dom.js";
import { t, tn } from "./idioma.js";
import { preferenciasDe } from "./preferencias.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion } from "../cliente/eventos.js"
 */

/** @param {Conversacion} conversacion */
const archivada = (conversacion) => preferenciasDe(conversacion).archivada;

/** Las archivadas, aparte: o se miran ellas, o las demás. */
export class Archivadas {
  #cliente;
  #alCambiar;
  #leidas = false;
  mirando = false;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {() => void} alCambiar
   */
  constructor(cliente, alCambiar) {
    this.#cliente = cliente;
    this.#alCambiar = alCambiar;
    porId("archivadas").addEventListener("click", () => this.#mirar(!this.mirando));
    // Tras la lista, y una vez: después llegan con lo que les pasa.
    cliente.on("conversaciones", () => {
      if (this.#leidas) return;
      this.#leidas = true;
      cliente.listarArchivadas().catch(() => (this.#leidas = false));
    });
    cliente.on("sesion", () => {
      this.#leidas = this.mirando = false;
    });
  }

  /** @param {Conversacion[]} todas */
  entre(todas) {
    return todas.filter((c) => archivada(c) === this.mirando);
  }

  /**
   * Se abre esa: se mira donde esté, si ya se sabe.
   *
   * @param {string} id
   */
  seguir(id) {
    const conversacion = this.#cliente.conversacion(id);
    if (conversacion && archivada(conversacion) !== this.mirando) this.#mirar(archivada(conversacion));
  }

  /** @param {boolean} mirando */
  #mirar(mirando) {
    this.mirando = mirando;
    this.#alCambiar();
  }

  pintar() {
    const todas = this.#cliente.conversaciones.filter(archivada);
    const boton = porId("archivadas");
    const filtrando = porId("filtro").value.trim() !== "";
    if (!todas.length && this.mirando) this.#mirar(false);
    boton.hidden = filtrando || (!todas.length && !this.mirando);
    boton.setAttribute("aria-pressed", String(this.mirando));
    porId("archivadas-texto").textContent = this.mirando ? t("Volver a las conversaciones") : t("Archivadas");
    const sinLeer = todas.filter((c) => this.#cliente.noLeidos(c._id)).length;
    const cuenta = sinLeer ? tn(sinLeer, "{n} sin leer", "{n} sin leer") : `${todas.length}`;
    porId("archivadas-cuenta").textContent = this.mirando ? "" : cuenta;
    porId("archivadas-cuenta").classList.toggle("con-nuevos", sinLeer > 0);
  }
}
