import { el, porId } from "./dom.js";
import { t } from "./idioma.js";
import { Selector } from "./selector.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Filtros } from "../cliente/tipos.js"
 */

/** Los filtros de la búsqueda: de quién, qué, cuándo, y en qué orden. */
export class FiltrosDeBusqueda {
  #cliente;
  #alCambiar;
  #de;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {() => void} alCambiar
   */
  constructor(cliente, alCambiar) {
    this.#cliente = cliente;
    this.#alCambiar = alCambiar;
    this.#de = new Selector(porId("busqueda-de"), cliente, {
      etiqueta: t("De quién"),
      alCambiar: () => alCambiar(),
      plegada: true,
    });
    this.#de.varias = false;
    const boton = porId("busqueda-filtrar");
    boton.addEventListener("click", () => this.mostrar(Boolean(porId("busqueda-filtros").hidden)));
    porId("busqueda-mias").addEventListener("change", () => this.#alElegirMias());
    porId("busqueda-limpiar").addEventListener("click", () => {
      this.vaciar();
      alCambiar();
      boton.focus();
    });
  }

  /** @param {boolean} abierto */
  mostrar(abierto) {
    porId("busqueda-filtros").hidden = !abierto;
    porId("busqueda-filtrar").setAttribute("aria-expanded", String(abierto));
    if (abierto && !this.#de.elegidas.length) this.#de.abrir();
  }

  /** Ninguno, y lo más nuevo primero. */
  vaciar() {
    const { tipo, desde, hasta, archivo, mias } = porId("formulario-busqueda");
    for (const campo of [tipo, desde, hasta]) campo.value = "";
    archivo.checked = mias.checked = false;
    porId("busqueda-de").hidden = false;
    if (!porId("busqueda-filtros").hidden || this.#de.elegidas.length) this.#de.abrir();
    this.#contar();
  }

  #alElegirMias() {
    porId("busqueda-de").hidden = porId("busqueda-mias").checked;
    this.#alCambiar();
  }

  /** @returns {Omit<Filtros, "q" | "conversacion">} los que están puestos */
  get puestos() {
    const { tipo, desde, hasta, archivo, orden, mias } = porId("formulario-busqueda");
    const de = mias.checked ? (this.#cliente.usuarioId ?? "") : this.#de.elegidas[0]?._id;
    this.#contar();
    return {
      de: de || undefined,
      tipo: tipo.value || undefined,
      desde: desde.value ? new Date(`${desde.value}T00:00`).toISOString() : undefined,
      // Ese día entero, donde está la persona.
      hasta: hasta.value ? new Date(`${hasta.value}T24:00`).toISOString() : undefined,
      con: archivo.checked ? "archivo" : undefined,
      orden: orden.value === "relevancia" ? "relevancia" : "recientes",
    };
  }

  /** Cuántos hay puestos, en su botón. */
  #contar() {
    const { tipo, desde, hasta, archivo, mias } = porId("formulario-busqueda");
    const hay = [tipo.value, desde.value, hasta.value, archivo.checked, mias.checked || this.#de.elegidas[0]];
    const cuantos = hay.filter(Boolean).length;
    const boton = porId("busqueda-filtrar");
    boton.setAttribute("aria-label", cuantos ? t("Filtros, {n} puestos", { n: cuantos }) : t("Filtros"));
    boton.querySelector(".punto")?.remove();
    if (cuantos) boton.append(el("span.punto.punto-acento"));
    porId("busqueda-limpiar").hidden = !cuantos;
  }
}
