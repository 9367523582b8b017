import { avisar, conAviso } from "./avisos.js";
import { loQueDice } from "./dicho.js";
import { el, oculto, porId } from "./dom.js";
import { t, tn } from "./idioma.js";
import { colocar } from "./menu.js";
import { callarConversacion } from "./navegador.js";
import { estaSilenciada } from "./preferencias.js";
import { cuando, enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { EventosServidor, Notificacion } from "../cliente/eventos.js"
 */

const ABRIR = "abrir_conversacion";
const DE_MENSAJE = "mensaje_nuevo";
// Solo para ver que llega: no se guarda.
const DE_PRUEBA = "prueba";

/** Los avisos del servidor: el panel de la campana y el que aparece al llegar. */
export class Notificaciones {
  #cliente;
  #abrir;
  #mirada;
  /** @type {Map<string, (() => void)[]>} cómo se quitan los avisos de cada conversación */
  #aLaVista = new Map();
  /** @type {Notificacion[]} */
  #todas = [];
  // La misma en todos los dispositivos: la dice el servidor.
  #sinLeer = 0;
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
      (porId("notificaciones").querySelector("button") ?? panel).focus();
    });
    panel.tabIndex = -1;
    panel.addEventListener("toggle", ({ newState }) => {
      if (newState === "closed") boton.setAttribute("aria-expanded", "false");
    });
    cliente.on("notificacion", (n) => this.#alLlegar(n));
    cliente.on("notificaciones_leidas", (leidas) => this.#alLeerse(leidas));
    cliente.on("resumen_actividad", (r) => this.#alResumir(r));
    cliente.on("estado", ({ estado }) => estado === "lista" && this.leer());
    // Las que la base perdió ya no están.
    cliente.on("evento", ({ evento }) => evento === "epoca_cambiada" && this.leer());
  }

  async leer() {
    try {
      this.#todas = (await this.#cliente.notificaciones()).results;
      this.#sinLeer = this.#todas.filter((n) => !n.leida).length;
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
    this.#callar(id);
    for (const n of this.#todas) if (n.datos.conversacionId === id) this.#marcar(n._id);
  }

  /** @param {string} conversacion */
  #callar(conversacion) {
    for (const quitar of this.#aLaVista.get(conversacion) ?? []) quitar();
    this.#aLaVista.delete(conversacion);
    callarConversacion(conversacion);
  }

  vaciar() {
    this.#todas = [];
    this.#sinLeer = 0;
    this.#aLaVista.clear();
    this.#pintar();
  }

  /** @param {EventosServidor["notificacion"]} datos */
  #alLlegar({ timestamp, sinLeer, ...datos }) {
    const n = { ...datos, leida: false, fecha: timestamp };
    const conversacion = String(n.datos.conversacionId ?? "");
    if (n.tipo === DE_PRUEBA) return this.#ensenar(n, conversacion);
    const previa = this.#todas.find((otra) => otra._id === n._id);
    // La de un mensaje es una por conversación, y se reabre; otra cualquiera, dos veces, es la misma.
    if (previa && n.tipo !== DE_MENSAJE) return;
    this.#todas = [n, ...this.#todas.filter((otra) => otra !== previa)];
    this.#sinLeer = sinLeer ?? this.#sinLeer + 1;
    if (conversacion && conversacion === this.#mirada()) this.#marcar(n._id);
    else if (this.#interrumpe(n, conversacion)) this.#ensenar(n, conversacion);
    this.#pintar();
  }

  /**
   * De un mensaje cualquiera basta lo que dice la lista.
   *
   * @param {Notificacion} n
   * @param {string} conversacion
   */
  #interrumpe({ tipo, datos }, conversacion) {
    if (tipo === DE_MENSAJE) return Boolean(datos.mencion || datos.urgente);
    const suya = this.#cliente.conversacion(conversacion);
    return !suya || !estaSilenciada(suya);
  }

  /** @param {EventosServidor["notificaciones_leidas"]} leidas */
  #alLeerse({ ids, sinLeer }) {
    for (const n of this.#todas.filter(({ _id }) => ids.includes(_id))) {
      n.leida = true;
      if (n.datos.conversacionId) this.#callar(String(n.datos.conversacionId));
    }
    this.#sinLeer = sinLeer;
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
    if (!(await conAviso(this.#cliente.leerNotificacion(id))) || n.leida) return;
    n.leida = true;
    this.#sinLeer = Math.max(0, this.#sinLeer - 1);
    this.#pintar();
  }

  #pintar() {
    const sinLeer = this.#sinLeer;
    ponerInsignia(sinLeer);
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

/**
 * En el icono de la página instalada, donde lo hay.
 *
 * @param {number} cuantas
 */
function ponerInsignia(cuantas) {
  if (!("setAppBadge" in navigator)) return;
  (cuantas ? navigator.setAppBadge(cuantas) : navigator.clearAppBadge()).catch(() => {});
}
