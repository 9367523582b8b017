import { avisar, conAviso } from "./avisos.js";
import { loQueDice } from "./dicho.js";
import { el, oculto, porId } from "./dom.js";
import { t, tn } from "./idioma.js";
import { colocar } from "./menu.js";
import { estaSilenciada } from "./preferencias.js";
import { cuando, enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { EventosServidor, Notificacion } from "../cliente/eventos.js"
 */

const ABRIR = "abrir_conversacion";

/** Los avisos del servidor: el panel de la campana y el que aparece al llegar. */
export class Notificaciones {
  #cliente;
  #abrir;
  #mirada;
  /** @type {Map<string, (() => void)[]>} cómo se quitan los avisos de cada conversación */
  #aLaVista = new Map();
  /** @type {Notificacion[]} */
  #todas = [];
  /** @type {unknown} */
  #error = null;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {object} pagina
   * @param {(conversacionId: string) => void} pagina.abrir lleva a una conversación
   * @param {() => string | null} pagina.mirada la que se está mirando
   */
  constructor(cliente, { abrir, mirada }) {
    this.#cliente = cliente;
    this.#abrir = abrir;
    this.#mirada = mirada;
    const panel = porId("panel-notificaciones");
    const boton = porId("abrir-notificaciones");
    boton.addEventListener("click", () => {
      panel.showPopover();
      colocar(panel, boton);
      boton.setAttribute("aria-expanded", "true");
      (panel.querySelector("button") ?? panel).focus();
    });
    panel.tabIndex = -1;
    panel.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") boton.setAttribute("aria-expanded", "false");
    });
    cliente.on("notificacion", (n) => this.#alLlegar(n));
    cliente.on("resumen_actividad", (r) => this.#alResumir(r));
    cliente.on("estado", ({ estado }) => estado === "lista" && this.leer());
    // Las que la base perdió ya no están.
    cliente.on("evento", ({ evento }) => evento === "epoca_cambiada" && this.leer());
  }

  async leer() {
    try {
      this.#todas = (await this.#cliente.notificaciones()).results;
      this.#error = null;
    } catch (error) {
      this.#error = error;
    }
    this.#pintar();
  }

  /**
   * Se abrió esa conversación: lo que se avisaba de ella ya se ve.
   *
   * @param {string | null} id
   */
  abierta(id) {
    if (id === null) return;
    for (const quitar of this.#aLaVista.get(id) ?? []) quitar();
    this.#aLaVista.delete(id);
    for (const n of this.#todas) if (n.datos.conversacionId === id) this.#marcar(n._id);
  }

  vaciar() {
    this.#todas = [];
    this.#aLaVista.clear();
    this.#pintar();
  }

  /** @param {EventosServidor["notificacion"]} datos */
  #alLlegar({ timestamp, ...datos }) {
    if (this.#todas.some((otra) => otra._id === datos._id)) return;
    const n = { ...datos, leida: false, fecha: timestamp };
    this.#todas.unshift(n);
    const conversacion = String(n.datos.conversacionId ?? "");
    const suya = this.#cliente.conversacion(conversacion);
    if (conversacion && conversacion === this.#mirada()) this.#marcar(n._id);
    else if (!suya || !estaSilenciada(suya)) this.#ensenar(n, conversacion);
    this.#pintar();
  }

  /**
   * @param {Notificacion} n
   * @param {string} conversacion
   */
  #ensenar(n, conversacion) {
    const accion = this.#accionDe(n);
    const { titulo, mensaje } = loQueDice(n);
    const quitar = avisar(`${titulo}. ${mensaje}`, {
      accion: accion && { texto: t("Abrir"), hacer: () => this.#usar(n) },
    });
    this.#aLaVista.set(conversacion, [...(this.#aLaVista.get(conversacion) ?? []), quitar]);
  }

  /** @param {EventosServidor["resumen_actividad"]} resumen */
  #alResumir({ periodo, estadisticas }) {
    const { mensajesEnviados, conversacionesActivas } = estadisticas;
    avisar(
      t("Actividad ({periodo}): {mensajes} en {conversaciones}.", {
        periodo,
        mensajes: tn(mensajesEnviados, "{n} mensaje", "{n} mensajes"),
        conversaciones: tn(conversacionesActivas, "{n} conversación", "{n} conversaciones"),
      }),
    );
  }

  /** @param {Notificacion} notificacion */
  #accionDe({ acciones, datos }) {
    return datos.conversacionId ? acciones.find((a) => a.tipo === ABRIR) : undefined;
  }

  /** @param {Notificacion} n */
  #usar(n) {
    if (porId("panel-notificaciones").matches(":popover-open")) porId("panel-notificaciones").hidePopover();
    this.#marcar(n._id);
    if (this.#accionDe(n)) this.#abrir(String(n.datos.conversacionId));
  }

  /** @param {string} id */
  async #marcar(id) {
    const n = this.#todas.find((otra) => otra._id === id);
    if (!n || n.leida) return;
    if (await conAviso(this.#cliente.leerNotificacion(id))) n.leida = true;
    this.#pintar();
  }

  #pintar() {
    const sinLeer = this.#todas.filter((n) => !n.leida).length;
    porId("punto-notificaciones").hidden = !sinLeer;
    porId("abrir-notificaciones").setAttribute(
      "aria-label",
      sinLeer ? t("Notificaciones, {n} sin leer", { n: sinLeer }) : t("Notificaciones"),
    );
    const aviso = porId("notificaciones-aviso");
    aviso.hidden = this.#todas.length > 0 && !this.#error;
    aviso.textContent = this.#error
      ? t("No se pudieron cargar. {motivo}", { motivo: enPalabras(this.#error) })
      : t("No tienes notificaciones.");
    porId("notificaciones").replaceChildren(...this.#todas.map((n) => this.#fila(n)));
  }

  /** @param {Notificacion} n */
  #fila(n) {
    const { titulo, mensaje } = loQueDice(n);
    const contenido = [
      el(
        "span.notificacion-titulo",
        {},
        el("bdi", { texto: titulo }),
        !n.leida && oculto(` ${t("(sin leer)")}`),
      ),
      el("span", { texto: mensaje, dir: "auto" }),
      el("time.suave", { datetime: n.fecha, texto: cuando(n.fecha) }),
    ];
    return el(
      "li",
      {},
      el(
        `button.notificacion${n.leida ? "" : ".sin-leer"}`,
        { type: "button", click: () => this.#usar(n) },
        ...contenido,
      ),
    );
  }
}
