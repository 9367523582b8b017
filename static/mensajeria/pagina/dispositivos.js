import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { desactivarNavegador, idDeEste } from "./navegador.js";
import { cuando } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Dispositivo } from "../cliente/eventos.js"
 *
 * @typedef {object} Dichos
 * @property {(error: unknown) => void} fallo
 * @property {(texto: string) => void} hecho
 * @property {() => void} olvidado
 */

/** Donde se avisa a una persona: qué tal va cada sitio, probarlo y olvidarlo. */
export class Dispositivos {
  #cliente;
  #dichos;
  raiz = el("ul.sesiones.ajustes-dispositivos");

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Dichos} dichos
   */
  constructor(cliente, dichos) {
    this.#cliente = cliente;
    this.#dichos = dichos;
  }

  async leer() {
    const todos = await this.#cliente.avisos.dispositivos();
    const este = idDeEste();
    const filas = todos.map((uno) => this.#fila(uno, uno._id === este));
    this.raiz.replaceChildren(...filas);
    if (!filas.length) this.raiz.append(el("li.suave", { texto: t("En ninguno, todavía.") }));
    return todos;
  }

  /** @param {string} id el de uno, o el de un canal que no va a ninguno */
  async probar(id) {
    try {
      this.#dichos.hecho(t("Enviando…"));
      const { enviado, error } = await this.#cliente.avisos.probar(id);
      this.#dichos.hecho(enviado ? t("Enviado: tendría que verse ya") : t("No se pudo enviar: {motivo}", { motivo: error ?? "" }));
      await this.leer();
    } catch (error) {
      this.#dichos.fallo(error);
    }
  }

  /**
   * @param {Dispositivo} dispositivo
   * @param {boolean} este
   */
  async #olvidar({ _id }, este) {
    try {
      if (este) await desactivarNavegador();
      else await this.#cliente.avisos.olvidar(_id);
      this.#dichos.hecho(t("Olvidado: ahí ya no se te avisa"));
      await this.leer();
      this.#dichos.olvidado();
      (this.raiz.querySelector("button") ?? this.raiz.closest("dialog"))?.focus();
    } catch (error) {
      this.#dichos.fallo(error);
    }
  }

  /**
   * @param {Dispositivo} dispositivo
   * @param {boolean} este
   */
  #fila(dispositivo, este) {
    const { _id, nombre, ultimaVez, ultimoEnvio, ultimoError, fechaError } = dispositivo;
    const boton = (/** @type {string} */ texto, /** @type {string} */ etiqueta, /** @type {() => void} */ click) =>
      el("button.boton.boton-suave", { type: "button", texto, "aria-label": etiqueta, click });
    return el(
      "li",
      { "data-id": _id },
      icono("sistema"),
      el(
        "span.persona-cuerpo",
        {},
        el("bdi.persona-nombre", { texto: nombre }),
        el("span.suave", { texto: este ? t("Este navegador") : t("Última vez: {cuando}", { cuando: cuando(ultimaVez) }) }),
        ultimoEnvio && el("span.suave", { texto: t("Último aviso: {cuando}", { cuando: cuando(ultimoEnvio) }) }),
        ultimoError &&
          el("span.fallo", {
            texto: t("Falló: {motivo} ({cuando})", { motivo: ultimoError, cuando: cuando(fechaError ?? ultimaVez) }),
          }),
      ),
      el(
        "span.ajustes-botones",
        {},
        boton(t("Probar"), t("Probar en {nombre}", { nombre }), () => this.probar(_id)),
        boton(t("Olvidar"), t("Olvidar {nombre}", { nombre }), () => this.#olvidar(dispositivo, este)),
      ),
    );
  }
}
