import { conAviso } from "./avisos.js";
import { abrirDialogo } from "./dialogos.js";
import { anunciar, el, oculto, porFotograma, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { personasDe } from "./personas.js";
import { aislado, cuando, nombreDe, resumen } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { Opcion } from "./menu.js"
 */

/** Los mensajes fijados de la conversación abierta: el último, en una barra; todos, en un diálogo. */
export class Fijados {
  #cliente;
  #irA;
  /** @type {string | null} */
  #id = null;
  #pintar = porFotograma(() => this.#dibujar());

  /**
   * @param {ClienteMensajeria} cliente
   * @param {(mensajeId: string) => void} irA lleva a la vista ese mensaje
   */
  constructor(cliente, irA) {
    this.#cliente = cliente;
    this.#irA = irA;
    cliente.on("mensajes", ({ conversacionId }) => conversacionId === this.#id && this.#pintar());
    // Un permiso que cambia, o que se cierre: los botones dependen de ello.
    cliente.on("conversacion", ({ conversacion }) => conversacion._id === this.#id && this.#pintar());
    porId("fijados-ultimo").addEventListener("click", () => {
      const [ultimo] = this.#todos;
      if (ultimo) this.#irA(ultimo._id);
    });
    porId("fijados-ver").addEventListener("click", () => abrirDialogo(porId("dialogo-fijados")));
  }

  /** @param {string} id */
  abrir(id) {
    this.#id = id;
    this.#dibujar();
  }

  /**
   * Lo que en el menú de ese mensaje tiene que ver con fijarlo.
   *
   * @param {Mensaje} mensaje
   * @returns {Opcion[]}
   */
  opciones(mensaje) {
    if (!this.#puede) return [];
    const { fijado } = mensaje.fijado;
    const hacer = () => (fijado ? this.#desfijar(mensaje) : this.#fijar(mensaje));
    return [{ texto: fijado ? t("Desfijar") : t("Fijar"), icono: "fijar", hacer }];
  }

  /** @param {Mensaje} mensaje */
  async #fijar(mensaje) {
    if (await conAviso(this.#cliente.fijar(mensaje._id))) anunciar(t("Mensaje fijado"));
  }

  /** @param {Mensaje} mensaje */
  async #desfijar(mensaje) {
    if (await conAviso(this.#cliente.desfijar(mensaje._id))) anunciar(t("Mensaje desfijado"));
  }

  get #conversacion() {
    return this.#id === null ? undefined : this.#cliente.conversacion(this.#id);
  }

  get #todos() {
    return this.#id === null ? [] : this.#cliente.fijados(this.#id);
  }

  get #puede() {
    const conversacion = this.#conversacion;
    if (!conversacion?.activa) return false;
    const propio = conversacion.participantes.find((p) => p.usuario._id === this.#cliente.usuarioId);
    return conversacion.tipo === "individual" || Boolean(propio?.permisos.puedeModerar);
  }

  #dibujar() {
    const todos = this.#todos;
    const [ultimo] = todos;
    porId("fijados").hidden = !ultimo;
    porId("fijados-ver").hidden = todos.length < 2;
    if (ultimo) {
      porId("fijados-ultimo").replaceChildren(icono("fijar"), ...lineas(ultimo, t("Mensaje fijado de")));
      porId("fijados-cuenta").textContent = String(todos.length);
      porId("fijados-ver").setAttribute("aria-label", t("Ver los {n} mensajes fijados", { n: todos.length }));
    }
    this.#dibujarTodos(todos);
  }

  /** @param {Mensaje[]} todos */
  #dibujarTodos(todos) {
    const dialogo = porId("dialogo-fijados");
    if (dialogo.open && !todos.length) dialogo.close();
    const conFoco = dialogo.contains(document.activeElement);
    porId("fijados-todos").replaceChildren(...todos.map((m) => this.#fila(m)));
    // Quien desfija con el teclado no pierde su sitio: el botón que pulsó ya no está.
    if (conFoco && !dialogo.contains(document.activeElement))
      dialogo.querySelector(/** @type {"button"} */ ("#fijados-todos button, [data-cerrar]"))?.focus();
  }

  /** @param {Mensaje} mensaje */
  #fila(mensaje) {
    const ver = el(
      "button.fijado",
      { type: "button", click: () => this.#verDesdeElDialogo(mensaje) },
      ...lineas(mensaje, t("Ir al mensaje de")),
      el("span.fijado-cuando.suave", { texto: this.#cuando(mensaje) }),
    );
    const quitar = el(
      "button.boton-icono",
      {
        type: "button",
        "aria-label": t("Desfijar el mensaje de {nombre}: {resumen}", {
          nombre: nombreDe(mensaje.remitente),
          resumen: resumen(mensaje),
        }),
        click: () => this.#desfijar(mensaje),
      },
      icono("cerrar"),
    );
    return el("li", {}, ver, this.#puede && quitar);
  }

  /** @param {Mensaje} mensaje */
  #cuando({ fijado }) {
    const conversacion = this.#conversacion;
    const quien = conversacion && personasDe(this.#cliente, conversacion).get(fijado.por ?? "");
    const deOtro = quien ? nombreDe(quien) : t("moderación");
    const nombre = fijado.por === this.#cliente.usuarioId ? t("ti") : deOtro;
    const porQuien = t("Fijado por {nombre}", { nombre: aislado(nombre) });
    return `${porQuien} · ${cuando(fijado.fecha ?? "")}`;
  }

  /**
   * El foco vuelve a quien abrió el diálogo al cerrarse; después, al mensaje.
   *
   * @param {Mensaje} mensaje
   */
  #verDesdeElDialogo(mensaje) {
    const dialogo = porId("dialogo-fijados");
    dialogo.addEventListener("close", () => this.#irA(mensaje._id), { once: true });
    dialogo.close();
  }
}

/**
 * Quién lo escribió y qué dice.
 *
 * @param {Mensaje} mensaje
 * @param {string} antes lo que un lector de pantalla dice delante
 */
const lineas = (mensaje, antes) => [
  oculto(`${antes} `),
  el("bdi.fijado-autor", { texto: nombreDe(mensaje.remitente) }),
  el("span.oculto", { texto: ": " }),
  el("span.fijado-texto", { dir: "auto", texto: resumen(mensaje) }),
];
