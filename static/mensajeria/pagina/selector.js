import { anunciar, el, oculto } from "./dom.js";
import { t } from "./idioma.js";
import { elegidaDe, huesos, opcionDe } from "./opcion.js";
import { aislado, enPalabras, nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { PersonaVista } from "../cliente/eventos.js"
 *
 * @typedef {object} Ajuste
 * @property {string} etiqueta
 * @property {() => void} [alCambiar]
 * @property {(vacia: HTMLElement) => void} [sinNadie] qué se dice a quien no ve a nadie
 * @property {boolean} [plegada] la lista solo se ve mientras se elige
 */

// Lo que se espera a que se siga escribiendo.
const REPOSO = 160;

/** Elegir personas de una lista con sus avatares: se escribe, y con las flechas e Intro se elige. */
export class Selector {
  #cliente;
  #ajuste;
  #campo;
  #fichas = el("ul.elegidas", { "aria-label": t("Elegidas"), hidden: true });
  #lista;
  #aviso = el("div.selector-aviso", { role: "status" });
  /** @type {PersonaVista[]} las que se ven ahora */
  #vistas = [];
  /** @type {Map<string, PersonaVista>} */
  #elegidas = new Map();
  /** @type {Map<string, PersonaVista[]>} lo que ya se preguntó */
  #sabidas = new Map();
  #activa = -1;
  #vez = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reloj;
  /** @type {ReadonlySet<string>} */
  #excluidas = new Set();
  varias = true;
  #plegada;

  /**
   * @param {HTMLElement} raiz con `id`, que da nombre a los de dentro
   * @param {ClienteMensajeria} cliente
   * @param {Ajuste} ajuste
   */
  constructor(raiz, cliente, ajuste) {
    this.#cliente = cliente;
    this.#ajuste = ajuste;
    this.#plegada = Boolean(ajuste.plegada);
    const [campo, lista] = [`${raiz.id}-campo`, `${raiz.id}-lista`];
    this.#lista = el("ul.opciones", { id: lista, role: "listbox", "aria-label": t("Personas"), hidden: true });
    this.#campo = el("input", {
      id: campo,
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": lista,
      "aria-expanded": "false",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      enterkeyhint: "done",
      placeholder: t("Nombre o usuario"),
    });
    const caja = el("div.selector-caja", { click: () => this.enfocar() }, this.#fichas, this.#campo);
    const etiqueta = el("label", { for: campo, texto: ajuste.etiqueta });
    raiz.classList.add("selector-personas");
    raiz.append(etiqueta, caja, this.#aviso, this.#lista);
    this.#campo.addEventListener("input", () => this.#alEscribir());
    this.#campo.addEventListener("keydown", (evento) => this.#alTeclear(evento));
    if (!ajuste.plegada) return;
    caja.addEventListener("pointerdown", () => this.#plegar(false));
    this.#campo.addEventListener("input", () => this.#plegar(false));
    raiz.addEventListener("focusout", () => this.#plegar(true));
  }

  /** @param {boolean} plegada */
  #plegar(plegada) {
    if (!this.#ajuste.plegada || plegada === this.#plegada) return;
    this.#plegada = plegada;
    this.#pintar();
  }

  get elegidas() {
    return [...this.#elegidas.values()];
  }

  /**
   * Empieza otra vez, sin esas personas.
   *
   * @param {Iterable<string>} [excluidas]
   */
  abrir(excluidas = []) {
    this.#excluidas = new Set(excluidas);
    this.#sabidas.clear();
    this.#elegidas.clear();
    this.#campo.value = "";
    this.#vistas = [];
    this.#pintarElegidas();
    this.#leer();
  }

  /**
   * Ya están donde se las iba a poner: no se ofrecen más.
   *
   * @param {Iterable<string>} excluidas
   */
  quitar(excluidas) {
    this.#excluidas = new Set([...this.#excluidas, ...excluidas]);
    for (const id of this.#excluidas) this.#elegidas.delete(id);
    this.#pintarElegidas();
    this.#leer();
  }

  enfocar() {
    this.#campo.focus();
  }

  /** Si cambia a una sola, queda la primera. */
  ajustar() {
    const [primera] = this.elegidas;
    if (!this.varias && primera) this.#elegidas = new Map([[primera._id, primera]]);
    this.#lista.toggleAttribute("aria-multiselectable", false);
    if (this.varias) this.#lista.setAttribute("aria-multiselectable", "true");
    this.#pintarElegidas();
    this.#pintar();
  }

  #alEscribir() {
    clearTimeout(this.#reloj);
    const q = this.#campo.value.trim();
    if (this.#sabidas.has(q)) this.#leer();
    else this.#reloj = setTimeout(() => this.#leer(), REPOSO);
  }

  async #leer() {
    clearTimeout(this.#reloj);
    const vez = ++this.#vez;
    const q = this.#campo.value.trim();
    let sabidas = this.#sabidas.get(q);
    if (!sabidas) {
      if (!this.#vistas.length) this.#decirCargando();
      try {
        sabidas = await this.#cliente.gente.buscar(q);
      } catch (error) {
        if (vez === this.#vez) this.#decirFallo(error);
        return;
      }
      this.#sabidas.set(q, sabidas);
      if (vez !== this.#vez) return;
    }
    this.#vistas = sabidas.filter((p) => !this.#excluidas.has(p._id));
    // Con algo escrito, Intro elige la primera.
    this.#activa = q && this.#vistas.length ? 0 : -1;
    this.#pintar();
    this.#decir(q);
  }

  /** @param {string} q */
  #decir(q) {
    if (this.#vistas.length) {
      this.#aviso.replaceChildren();
    } else if (q) {
      this.#aviso.replaceChildren(
        el("p", { texto: t("Nadie coincide con «{texto}».", { texto: aislado(q) }) }),
        el("p.suave", { texto: t("Prueba con otra parte de su nombre, o con su usuario.") }),
      );
    } else if (this.#excluidas.size > 1) {
      this.#aviso.replaceChildren(el("p.suave", { texto: t("No hay nadie más a quien agregar.") }));
    } else {
      this.#aviso.replaceChildren();
      this.#ajuste.sinNadie?.(this.#aviso);
    }
  }

  #decirCargando() {
    this.#aviso.replaceChildren(oculto(t("Cargando personas…")), ...huesos(3));
  }

  /** @param {unknown} error */
  #decirFallo(error) {
    this.#vistas = [];
    this.#pintar();
    const otraVez = () => {
      this.#leer();
      this.enfocar();
    };
    this.#aviso.replaceChildren(
      el("p", { texto: enPalabras(error) }),
      el("button.boton.boton-suave", { type: "button", texto: t("Reintentar"), click: otraVez }),
    );
  }

  #pintar() {
    const hay = this.#vistas.length > 0 && !this.#plegada;
    this.#lista.hidden = !hay;
    this.#campo.setAttribute("aria-expanded", String(hay));
    const opciones = this.#vistas.map((persona, i) =>
      opcionDe(persona, {
        id: `${this.#lista.id}-${i}`,
        elegida: this.#elegidas.has(persona._id),
        alternar: () => this.#alternar(persona),
      }),
    );
    this.#lista.replaceChildren(...opciones);
    this.#marcarActiva();
  }

  /** @param {PersonaVista} persona */
  #alternar(persona) {
    const estaba = this.#elegidas.has(persona._id);
    if (!this.varias) this.#elegidas.clear();
    if (estaba) this.#elegidas.delete(persona._id);
    else this.#elegidas.set(persona._id, persona);
    const nombre = nombreDe(persona);
    anunciar(estaba ? t("{nombre}, quitada", { nombre }) : t("{nombre}, elegida", { nombre }));
    this.#campo.value = "";
    this.#plegada = Boolean(this.#ajuste.plegada) && !estaba;
    this.#pintarElegidas();
    this.#leer();
  }

  #pintarElegidas() {
    this.#fichas.hidden = !this.#elegidas.size;
    const quitar = (/** @type {PersonaVista} */ persona) => {
      this.#alternar(persona);
      this.enfocar();
    };
    this.#fichas.replaceChildren(...this.elegidas.map((p) => elegidaDe(p, () => quitar(p))));
    this.#campo.placeholder = this.#elegidas.size ? "" : t("Nombre o usuario");
    this.#ajuste.alCambiar?.();
  }

  /** @param {KeyboardEvent} evento */
  #alTeclear(evento) {
    const { key } = evento;
    if (evento.isComposing || evento.ctrlKey || evento.metaKey || evento.altKey) return;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#plegar(false);
      this.#mover(key === "ArrowDown" ? 1 : -1);
    } else if (key === "Enter" && !this.#lista.hidden && this.#vistas[this.#activa]) {
      this.#alternar(this.#vistas[this.#activa]);
    } else if (key === "Backspace" && !this.#campo.value) {
      const ultima = this.elegidas.at(-1);
      if (ultima) this.#alternar(ultima);
      return;
    } else if (key === "Escape" && this.#campo.value) {
      this.#campo.value = "";
      this.#leer();
    } else if (key === "Escape" && this.#ajuste.plegada && !this.#plegada) this.#plegar(true);
    else return;
    evento.preventDefault();
    evento.stopPropagation();
  }

  /** @param {1 | -1} paso */
  #mover(paso) {
    const n = this.#vistas.length;
    if (!n) return;
    this.#activa = this.#activa < 0 ? (paso > 0 ? 0 : n - 1) : (this.#activa + paso + n) % n;
    this.#marcarActiva();
  }

  #marcarActiva() {
    [...this.#lista.children].forEach((opcion, i) => opcion.classList.toggle("activa", i === this.#activa));
    const activa = this.#lista.children[this.#activa];
    if (activa) this.#campo.setAttribute("aria-activedescendant", activa.id);
    else this.#campo.removeAttribute("aria-activedescendant");
    activa?.scrollIntoView({ block: "nearest" });
  }
}
