import { Busqueda } from "./busqueda.js";
import { anunciar, el, oculto, porFotograma, porId } from "./dom.js";
import { FiltrosDeBusqueda } from "./filtros.js";
import { t, tn } from "./idioma.js";
import { huesos } from "./opcion.js";
import { resultado } from "./resultado.js";
import { aislado, enPalabras, sinControles, tituloDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Hallado } from "../cliente/eventos.js"
 */

const REPOSO = 260;

/** Buscar mensajes, en todas las conversaciones o en una: qué se busca y lo que se halló. */
export class PanelBusqueda {
  #cliente;
  #saltar;
  #alCerrar;
  #busqueda;
  #filtros;
  /** @type {string | null} en cuál, o en todas */
  #donde = null;
  /** @type {HTMLElement | null} a quien se devuelve el foco */
  #previo = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reloj;
  #pintar = porFotograma(() => this.#dibujar());

  /**
   * @param {ClienteMensajeria} cliente
   * @param {{saltar: (hallazgo: Hallado) => void, alCerrar: () => void, alCambiar: () => void}} opciones
   */
  constructor(cliente, { saltar, alCerrar, alCambiar }) {
    this.#cliente = cliente;
    this.#saltar = saltar;
    this.#alCerrar = alCerrar;
    this.#busqueda = new Busqueda(cliente, () => {
      this.#pintar();
      alCambiar();
    });
    this.#filtros = new FiltrosDeBusqueda(cliente, () => this.#buscarPronto());
    const formulario = porId("formulario-busqueda");
    formulario.addEventListener("submit", (evento) => evento.preventDefault());
    formulario.texto.addEventListener("input", () => this.#buscarPronto());
    formulario.addEventListener("change", ({ target }) => target !== formulario.texto && this.#buscarPronto());
    porId("busqueda").addEventListener("keydown", (evento) => this.#alTeclear(evento));
    porId("busqueda-cerrar").addEventListener("click", () => this.cerrar());
    porId("busqueda-en-todo").addEventListener("click", () => {
      this.#donde = null;
      this.#buscar();
      formulario.texto.focus();
    });
    porId("resultados-mas").addEventListener("click", () => this.#busqueda.seguir());
    cliente.on("sesion", ({ usuarioId }) => usuarioId === null && this.cerrar());
  }

  get abierto() {
    return !porId("busqueda").hidden;
  }

  /** Por cuál se va, de cuántos se han leído y qué se busca; `null`, si por ninguno. */
  get paso() {
    const { activo, hallazgos, hayMas, filtros } = this.#busqueda;
    return this.abierto && hallazgos[activo]
      ? { hallazgo: hallazgos[activo], n: activo + 1, de: hallazgos.length, hayMas, q: filtros.q }
      : null;
  }

  /**
   * Abre la búsqueda en una conversación, o en todas.
   *
   * @param {string | null} donde
   * @param {string} [texto]
   */
  abrir(donde, texto) {
    const campo = porId("formulario-busqueda").texto;
    if (!this.abierto) {
      this.#previo = /** @type {HTMLElement | null} */ (document.activeElement);
      this.#filtros.vaciar();
      this.#filtros.mostrar(false);
      porId("busqueda").hidden = false;
      porId("mensajeria").classList.add("con-busqueda");
    }
    porId("mensajeria").classList.add("buscando");
    const otra = donde !== this.#donde || (texto !== undefined && texto !== campo.value);
    this.#donde = donde;
    if (texto !== undefined) campo.value = texto;
    if (otra || this.#busqueda.estado === "inicial") this.#buscar();
    campo.focus();
    campo.select();
  }

  cerrar() {
    if (!this.abierto) return;
    clearTimeout(this.#reloj);
    porId("busqueda").hidden = true;
    porId("mensajeria").classList.remove("con-busqueda", "buscando");
    porId("formulario-busqueda").texto.value = "";
    this.#busqueda.vaciar();
    this.#alCerrar();
    if (this.#previo?.isConnected && this.#previo.offsetParent) this.#previo.focus();
    this.#previo = null;
  }

  /**
   * Al siguiente o al anterior.
   *
   * @param {1 | -1} paso
   */
  async mover(paso) {
    const hallazgo = await this.#busqueda.mover(paso);
    if (hallazgo) this.#irA(hallazgo);
    else if (this.#busqueda.hallazgos.length)
      anunciar(paso > 0 ? t("No hay más resultados") : t("Es el primer resultado"), true);
  }

  /** @param {Hallado} hallazgo */
  #irA(hallazgo) {
    porId("mensajeria").classList.remove("buscando");
    this.#saltar(hallazgo);
  }

  #buscarPronto() {
    clearTimeout(this.#reloj);
    this.#reloj = setTimeout(() => this.#buscar({ otraVez: false }), REPOSO);
  }

  /** Con `otraVez`, también si no cambió nada. */
  async #buscar({ otraVez = true } = {}) {
    clearTimeout(this.#reloj);
    if (!this.abierto) return;
    const q = porId("formulario-busqueda").texto.value.trim();
    const filtros = { q, conversacion: this.#donde ?? undefined, ...this.#filtros.puestos };
    const iguales = JSON.stringify(filtros) === JSON.stringify(this.#busqueda.filtros);
    if (iguales && !otraVez && this.#busqueda.estado === "lista") return;
    await this.#busqueda.buscar(filtros);
    const faltan = new Set(this.#busqueda.hallazgos.map(({ mensaje }) => mensaje.conversacion));
    for (const id of faltan) {
      if (this.#cliente.conversacion(id)) continue;
      await this.#cliente.conocer(id).catch(() => {});
      this.#pintar();
    }
  }

  #dibujar() {
    const { hallazgos, activo, estado, hayMas } = this.#busqueda;
    this.#decirDonde();
    const dentro = this.#donde !== null;
    const lista = porId("resultados");
    const foco = [...lista.querySelectorAll("button")].findIndex((b) => b === document.activeElement);
    lista.replaceChildren(
      ...hallazgos.map((hallazgo, i) =>
        resultado(this.#cliente, hallazgo, {
          dentro,
          activo: i === activo,
          abrir: () => {
            this.#busqueda.elegir(i);
            this.#irA(hallazgo);
          },
        }),
      ),
    );
    lista.classList.toggle("pasados", estado === "buscando");
    if (foco >= 0) lista.querySelectorAll("button")[foco]?.focus({ preventScroll: true });
    lista.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    porId("resultados-mas").hidden = !(estado === "lista" && hayMas);
    this.#decir();
  }

  #decirDonde() {
    const conversacion = this.#donde === null ? undefined : this.#cliente.conversacion(this.#donde);
    porId("busqueda-donde").hidden = !conversacion;
    if (!conversacion) return;
    const titulo = aislado(tituloDe(conversacion, this.#cliente.usuarioId));
    porId("busqueda-titulo").textContent = t("En «{titulo}»", { titulo });
  }

  #decir() {
    const { hallazgos, estado, error, hayMas, filtros } = this.#busqueda;
    const aviso = porId("resultados-aviso");
    const cuenta = porId("resultados-cuenta");
    const n = hallazgos.length;
    const dicha = hayMas ? t("{n}+ resultados", { n }) : tn(n, "{n} resultado", "{n} resultados");
    const texto = estado === "lista" && n ? dicha : "";
    if (cuenta.textContent !== texto) cuenta.textContent = texto;
    aviso.hidden = n > 0 && estado !== "fallo" && estado !== "siguiendo";
    if (aviso.hidden) return aviso.replaceChildren();
    if (estado === "fallo") return aviso.replaceChildren(...this.#fallo(error));
    if (estado === "buscando" || estado === "siguiendo") return aviso.replaceChildren(oculto(t("Buscando…")), ...huesos(3));
    aviso.replaceChildren(...(estado === "inicial" ? consejos() : nada(filtros.q)));
  }

  /** @param {unknown} error */
  #fallo(error) {
    const otraVez = () => this.#busqueda.reintentar();
    return [
      el("p", { role: "alert", texto: enPalabras(error) }),
      el("button.boton.boton-suave", { type: "button", texto: t("Reintentar"), click: otraVez }),
    ];
  }

  /** @param {KeyboardEvent} evento */
  #alTeclear(evento) {
    const { key, target } = evento;
    const botones = [...porId("resultados").querySelectorAll("button")];
    const i = botones.findIndex((b) => b === target);
    const campo = porId("formulario-busqueda").texto;
    if (evento.defaultPrevented || evento.altKey || evento.ctrlKey || evento.metaKey) return;
    if (key === "Escape") this.cerrar();
    else if (target === campo && key === "Enter" && !evento.isComposing) this.#buscar();
    else if (target === campo && key === "ArrowDown") botones[0]?.focus();
    else if (i >= 0 && key === "ArrowDown") (botones[i + 1] ?? porId("resultados-mas")).focus();
    else if (i === 0 && key === "ArrowUp") campo.focus();
    else if (i > 0 && key === "ArrowUp") botones[i - 1].focus();
    else if (i >= 0 && key === "Home") botones[0].focus();
    else if (i >= 0 && key === "End") botones[botones.length - 1].focus();
    else return;
    evento.preventDefault();
  }
}

/** Cómo se busca. */
function consejos() {
  return [
    el("p.vacio-titulo", { texto: t("Busca en tus mensajes") }),
    el("p.suave", { texto: t("Ni los acentos ni las mayúsculas cuentan, y los nombres de archivo también.") }),
    el(
      "ul.consejos",
      {},
      el("li", {}, el("code", { texto: `"${t("hasta mañana")}"` }), el("span", { texto: t("la frase tal cual") })),
      el("li", {}, el("code", { texto: t("reun*") }), el("span", { texto: t("lo que empiece así") })),
    ),
  ];
}

/** @param {string} q */
function nada(q) {
  const texto = q
    ? t("Ningún mensaje coincide con «{texto}».", { texto: aislado(sinControles(q)) })
    : t("Ningún mensaje coincide.");
  return [
    el("p.vacio-titulo", { texto }),
    el("p.suave", { texto: t("Prueba con menos palabras, o quita algún filtro.") }),
  ];
}
