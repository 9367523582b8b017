import { avisar } from "./avisos.js";
import { anunciar, el, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t, tn } from "./idioma.js";
import { aislado, tamano } from "./textos.js";
import { medioDe, soltar, vistaDe } from "./vista_local.js";

/** @typedef {{archivo: Blob, nombre: string, fila: HTMLElement}} Adjunto */

const MAX = 20;
const EN_MB = 1024 * 1024;

/** Lo que va a ir con el próximo mensaje de cada conversación: se ve antes, y se quita uno a uno. */
export class Bandeja {
  #alCambiar;
  #maximo;
  #id = "";
  /** @type {Map<string, Adjunto[]>} */
  #adjuntos = new Map();

  /**
   * @param {number} maximo lo que puede ocupar uno, en bytes
   * @param {() => void} alCambiar
   */
  constructor(maximo, alCambiar) {
    this.#maximo = maximo;
    this.#alCambiar = alCambiar;
  }

  /** @param {string} id */
  abrir(id) {
    this.#id = id;
    this.#pintar();
  }

  get cuantos() {
    return this.#suyos.length;
  }

  /** Si hay algo adjuntado, en esta conversación o en otra. */
  get hayAlgo() {
    return [...this.#adjuntos.values()].some((suyos) => suyos.length);
  }

  get #suyos() {
    return this.#adjuntos.get(this.#id) ?? [];
  }

  /**
   * Los que quepan; de los demás dice por qué no.
   *
   * @param {File[]} archivos
   * @param {string} [id] el de su conversación; la abierta, si no se dice
   */
  agregar(archivos, id = this.#id) {
    const previos = this.#adjuntos.get(id) ?? [];
    const valen = archivos.filter((a) => this.#vale(a));
    const caben = valen.slice(0, MAX - previos.length);
    if (caben.length < valen.length)
      avisar(t("De una vez caben {n} archivos: los demás, después de enviar estos.", { n: MAX }));
    if (!caben.length) return;
    this.#adjuntos.set(id, [...previos, ...caben.map((a) => this.#adjunto(a))]);
    anunciar(tn(caben.length, "{nombre}, adjuntado", "{n} archivos adjuntados", { nombre: caben[0].name }));
    if (id === this.#id) this.#pintar();
  }

  /** Los quita y los devuelve. */
  tomar() {
    const suyos = this.#suyos;
    this.#adjuntos.delete(this.#id);
    suyos.forEach(dejar);
    this.#pintar();
    return suyos;
  }

  vaciar() {
    for (const suyos of this.#adjuntos.values()) suyos.forEach(dejar);
    this.#adjuntos.clear();
    this.#pintar();
  }

  /** @param {File} archivo */
  #vale({ name, size }) {
    if (size > this.#maximo) {
      const datos = { nombre: aislado(name), ocupa: tamano(size), caben: this.#maximo / EN_MB };
      const dice = t(
        "«{nombre}» ocupa {ocupa}, y caben {caben} MB. Redúcelo, o compártelo con un enlace.",
        datos,
      );
      avisar(dice, { clase: "aviso-error" });
    } else if (!size) {
      const dice = t("«{nombre}» está vacío. Comprueba que se guardó bien, y que no es una carpeta.", {
        nombre: aislado(name),
      });
      avisar(dice, { clase: "aviso-error" });
    }
    return size > 0 && size <= this.#maximo;
  }

  /** @param {File} archivo */
  #adjunto(archivo) {
    const { name: nombre, size } = archivo;
    const quitar = el(
      "button.adjunto-quitar",
      { type: "button", "aria-label": t("Quitar {nombre}", { nombre }), click: () => this.#quitar(adjunto) },
      icono("cerrar"),
    );
    const fila = el(
      "li.adjunto",
      {},
      medioDe(archivo, nombre) ?? vistaDe(archivo),
      el("bdi.adjunto-nombre", { texto: nombre }),
      el("span.suave", { texto: tamano(size) }),
      quitar,
    );
    /** @type {Adjunto} */
    const adjunto = { archivo, nombre, fila };
    return adjunto;
  }

  /** @param {Adjunto} adjunto */
  #quitar(adjunto) {
    const suyos = this.#suyos;
    const i = suyos.indexOf(adjunto);
    this.#adjuntos.set(
      this.#id,
      suyos.filter((a) => a !== adjunto),
    );
    dejar(adjunto);
    this.#pintar();
    anunciar(t("{nombre}, quitado", { nombre: adjunto.nombre }));
    // El botón que se pulsó ya no está.
    const vecino = this.#suyos[Math.min(i, this.cuantos - 1)]?.fila.querySelector("button");
    (vecino ?? porId("redactor-texto")).focus();
  }

  #pintar() {
    const lista = porId("adjuntos");
    lista.hidden = !this.cuantos;
    lista.replaceChildren(...this.#suyos.map((a) => a.fila));
    this.#alCambiar();
  }
}

/** @param {Adjunto} adjunto */
function dejar({ fila }) {
  fila.querySelectorAll(/** @type {"video"} */ ("audio, video")).forEach(soltar);
}
