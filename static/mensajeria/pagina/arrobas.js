import { avatarDe } from "./avatar.js";
import { el } from "./dom.js";
import { t } from "./idioma.js";
import { plegado } from "./menciones.js";
import { nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Persona } from "../cliente/eventos.js"
 */

// Desde la última arroba hasta el cursor, si no va detrás de una letra.
const A_MEDIAS = /(?<![\p{L}\p{N}_@.])@([\p{L}\p{N}_.+-]*)$/u;
const SOLO_UNA = /^[\p{L}\p{N}_]+$/u;
const MAX = 6;

/** Al escribir una arroba, a quiénes se puede nombrar: con las flechas e Intro, o pulsando. */
export class Arrobas {
  #cliente;
  #campo;
  #lista = el("ul.opciones.arrobas", { id: "arrobas", role: "listbox", "aria-label": t("A quién nombrar"), hidden: true });
  /** @type {Persona[]} */
  #vistas = [];
  #activa = 0;
  #id = "";

  /**
   * @param {ClienteMensajeria} cliente
   * @param {HTMLTextAreaElement} campo
   */
  constructor(cliente, campo) {
    this.#cliente = cliente;
    this.#campo = campo;
    campo.before(this.#lista);
    campo.setAttribute("aria-controls", this.#lista.id);
    campo.setAttribute("aria-autocomplete", "list");
    campo.addEventListener("blur", () => this.cerrar());
    campo.addEventListener("click", () => this.mirar(this.#id));
  }

  get abierta() {
    return !this.#lista.hidden;
  }

  /**
   * Mira qué hay antes del cursor.
   *
   * @param {string} id la conversación en la que se escribe
   */
  mirar(id) {
    this.#id = id;
    const empieza = this.#aMedias()?.[1];
    this.#vistas = empieza === undefined ? [] : this.#quienes(plegado(empieza));
    this.#activa = 0;
    this.#pintar();
  }

  cerrar() {
    this.#vistas = [];
    this.#pintar();
  }

  /**
   * @param {KeyboardEvent} evento
   * @returns {boolean} si la tecla era suya
   */
  alTeclear({ key }) {
    const n = this.#vistas.length;
    if (!n) return false;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#activa = (this.#activa + (key === "ArrowDown" ? 1 : n - 1)) % n;
      this.#pintar();
    } else if (key === "Enter" || key === "Tab") this.#elegir(this.#vistas[this.#activa]);
    else if (key === "Escape") this.cerrar();
    else return false;
    return true;
  }

  #aMedias() {
    const { value, selectionStart, selectionEnd } = this.#campo;
    return selectionStart === selectionEnd ? A_MEDIAS.exec(value.slice(0, selectionStart)) : null;
  }

  /** De ella, quienes participan ahora. En una numerosa, los que se conocen. */
  get #participan() {
    const { participantes = [] } = this.#cliente.conversacion(this.#id) ?? {};
    const fuera = new Set(participantes.filter((p) => !p.activo).map((p) => p.usuario._id));
    const todas = [...this.#cliente.personas(this.#id).values()];
    return todas.filter(({ _id }) => !fuera.has(_id) && _id !== this.#cliente.usuarioId);
  }

  /** @param {string} empieza */
  #quienes(empieza) {
    const casa = (/** @type {Persona} */ { _id, nombre, apellido }) =>
      [_id, nombre, apellido].some((parte) => plegado(parte).startsWith(empieza));
    return this.#participan.filter(casa).slice(0, MAX);
  }

  /** @param {Persona} persona */
  async #elegir(persona) {
    const id = this.#id;
    this.cerrar();
    const nombre = await this.#comoSeNombra(persona);
    const hallado = this.#aMedias();
    // Mientras se sabía su usuario, se siguió en otra cosa.
    if (!hallado || id !== this.#id) return;
    this.#campo.setRangeText(`@${nombre} `, hallado.index, this.#campo.selectionStart, "end");
    this.#campo.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /**
   * Por su nombre, si es una palabra y nadie más se llama así; si no, por su usuario.
   *
   * @param {Persona} persona
   */
  async #comoSeNombra({ _id, nombre }) {
    const tocayos = [...this.#cliente.personas(this.#id).values()].filter((p) => plegado(p.nombre) === plegado(nombre));
    if (SOLO_UNA.test(nombre) && tocayos.length === 1) return nombre;
    const vista = await this.#cliente.gente.ver(_id).catch(() => null);
    return vista?.username ?? _id;
  }

  #pintar() {
    this.#lista.hidden = !this.#vistas.length;
    this.#lista.replaceChildren(...this.#vistas.map((persona, i) => this.#opcion(persona, i)));
    const activa = this.#lista.children[this.#activa];
    if (activa) this.#campo.setAttribute("aria-activedescendant", activa.id);
    else this.#campo.removeAttribute("aria-activedescendant");
    activa?.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param {Persona} persona
   * @param {number} i
   */
  #opcion(persona, i) {
    const activa = i === this.#activa;
    return el(
      `li.opcion${activa ? ".activa" : ""}`,
      {
        id: `arroba-${i}`,
        role: "option",
        "aria-selected": String(activa),
        // Pulsar no le quita el foco a la caja de escribir.
        mousedown: (evento) => evento.preventDefault(),
        click: () => this.#elegir(persona),
      },
      avatarDe(persona),
      el("bdi.persona-nombre", { texto: nombreDe(persona) }),
    );
  }
}
