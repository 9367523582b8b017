import { el, porFotograma, porId } from "./dom.js";
import { REGION, t } from "./idioma.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { MarcoVisto } from "../cliente/tipos.js"
 *
 * @typedef {object} Anotado Lo que se ve en el registro.
 * @property {MarcoVisto["sentido"] | "estado"} sentido
 * @property {string} evento
 * @property {Date} fecha
 * @property {unknown} [datos]
 * @property {number} [id]
 * @property {boolean} [ok]
 * @property {MarcoVisto["error"]} [error]
 * @property {string} [pedido] De una respuesta, el evento al que responde.
 */

const MAX = 300;
const MAX_TEXTO = 20_000;
const HORA = new Intl.DateTimeFormat(REGION, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** El registro de marcos: todo lo que entra y sale, lo más nuevo arriba. Nunca muestra un token. */
export class Registro {
  /** @type {Anotado[]} */
  #marcos = [];
  /** @type {Anotado[]} */
  #nuevos = [];
  #pausado = false;
  /** @type {Map<number, string>} */
  #pedidos = new Map();
  #pintar = porFotograma(() => this.#dibujar());

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    cliente.on("marco", (marco) => this.#anotar({ ...marco, fecha: new Date() }));
    cliente.on("estado", ({ estado }) =>
      this.#anotar({ sentido: "estado", evento: estado, fecha: new Date() }),
    );
    porId("registro-pausa").addEventListener("click", () => {
      this.#pausado = !this.#pausado;
      porId("registro-pausa").setAttribute("aria-pressed", String(this.#pausado));
      porId("registro-pausa").textContent = this.#pausado ? t("Seguir") : t("Pausar");
      this.#pintar();
    });
    porId("registro-vaciar").addEventListener("click", () => this.#vaciar());
    porId("registro-filtro").addEventListener("input", () => this.#rehacer());
  }

  /** @param {Anotado} marco */
  #anotar(marco) {
    if (marco.sentido === "salida" && marco.id) this.#pedidos.set(marco.id, marco.evento);
    if (marco.evento === "respuesta" && marco.id) {
      marco.pedido = this.#pedidos.get(marco.id);
      this.#pedidos.delete(marco.id);
    }
    this.#nuevos.push(marco);
    if (this.#nuevos.length > MAX) this.#nuevos.shift();
    if (!this.#pausado) this.#pintar();
  }

  #vaciar() {
    this.#marcos = [];
    this.#nuevos = [];
    this.#rehacer();
  }

  #rehacer() {
    porId("registro").replaceChildren(...this.#marcos.filter((m) => this.#pasa(m)).map(filaDe));
    this.#dibujar();
  }

  /** @param {Anotado} marco */
  #pasa({ evento, pedido = "" }) {
    return `${evento} ${pedido}`.includes(porId("registro-filtro").value.trim().toLowerCase());
  }

  #dibujar() {
    const lista = porId("registro");
    if (!this.#pausado) {
      for (const marco of this.#nuevos) if (this.#pasa(marco)) lista.prepend(filaDe(marco));
      this.#marcos = [...this.#nuevos.reverse(), ...this.#marcos].slice(0, MAX);
      this.#nuevos = [];
    }
    while (lista.children.length > MAX) lista.lastElementChild?.remove();
    porId("registro-vacio").hidden = lista.children.length > 0;
    lista.hidden = !lista.children.length;
  }
}

const SENTIDOS = {
  entrada: ["←", t("recibido")],
  salida: ["→", t("enviado")],
  estado: ["·", t("estado")],
};

/** @param {Anotado} marco */
function filaDe({ sentido, evento, fecha, id, datos, ok, error, pedido }) {
  const [flecha, palabra] = SENTIDOS[sentido];
  const resumen = [
    el("span.marco-flecha", { "aria-hidden": "true", texto: flecha }),
    el("span.oculto", { texto: palabra }),
    el("code", { texto: evento }),
    pedido && el("span.suave", { texto: t("a {pedido}", { pedido }) }),
    id !== undefined && el("span.suave", { texto: `#${id}` }),
    ok === false && el("span.fallo", { texto: error?.code }),
    el("time.suave", { texto: HORA.format(fecha) }),
  ];
  const cuerpo = ok === false ? error : datos;
  if (sentido === "estado")
    return el("li.marco.marco-estado", {}, el("p.marco-linea", {}, ...resumen.filter(Boolean)));
  const detalles = el("details", {}, el("summary.marco-linea", {}, ...resumen.filter(Boolean)));
  detalles.addEventListener("toggle", () => {
    if (detalles.open && detalles.children.length === 1)
      detalles.append(el("pre", { tabindex: "0", texto: enJson(cuerpo) }));
  });
  return el(`li.marco.marco-${sentido}`, {}, detalles);
}

/**
 * El JSON con sangría, recortado y sin tokens.
 *
 * @param {unknown} valor
 */
export function enJson(valor) {
  const texto = JSON.stringify(valor ?? {}, (clave, v) => (clave === "token" ? "…" : v), 2);
  if (texto.length <= MAX_TEXTO) return texto;
  return [texto.slice(0, MAX_TEXTO), t("… ({n} caracteres)", { n: texto.length })].join("\n");
}
