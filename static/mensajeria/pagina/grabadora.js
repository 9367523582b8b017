import { avisar } from "./avisos.js";
import { anunciar, porId } from "./dom.js";
import { Escucha } from "./escucha.js";
import { Grabacion, impedimento, porQueNo } from "./grabacion.js";
import { icono } from "./iconos.js";
import { REGION, t } from "./idioma.js";
import { barrasDe, picos, pintarOnda } from "./onda.js";
import { callar } from "./reproductor.js";
import { minutos, NOTA_DE_VOZ } from "./rotulos.js";

/**
 * @typedef {object} Destino
 * @property {(nota: File, conversacionId: string) => void} enviar
 * @property {(nota: File, conversacionId: string) => void} guardar se dejó a medias: que no se pierda
 * @property {() => void} alCerrar
 */

const MAX_SEGUNDOS = 15 * 60;
const LATIDO = 80;
// Lo que aún puede llegar tras parar: más de un segundo de sonido.
const MARGEN = 64 * 1024;
const EXTENSIONES = new Map([
  ["audio/webm", "webm"],
  ["audio/ogg", "ogg"],
  ["audio/mp4", "m4a"],
]);

/** La nota de voz: se graba, se escucha si se quiere, y se envía o se tira. */
export class Grabadora {
  #maximo;
  #destino;
  #id = "";
  /** @type {Grabacion | null} */
  #grabacion = null;
  /** @type {Escucha | null} */
  #escucha = null;
  /** @type {File | null} */
  #nota = null;
  /** @type {number[]} */
  #alturas = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #latido;
  #fotograma = 0;
  // Si mientras se pide el micrófono se cambia de idea, no se graba.
  #vez = 0;

  /**
   * @param {number} maximo lo que puede ocupar una, en bytes
   * @param {Destino} destino
   */
  constructor(maximo, destino) {
    this.#maximo = maximo;
    this.#destino = destino;
    porId("grabar").addEventListener("click", () => this.#empezar());
    porId("grabadora-tirar").addEventListener("click", () => this.#tirar());
    porId("grabadora-parar").addEventListener("click", () => this.#grabacion?.parar());
    porId("grabadora-oir").addEventListener("click", () => {
      this.#escucha?.alternar();
      this.#alSonar();
    });
    porId("grabadora-enviar").addEventListener("click", () => this.#enviar());
    porId("grabadora").addEventListener("keydown", (evento) => {
      if (evento.key !== "Escape") return;
      evento.preventDefault();
      this.#tirar();
    });
  }

  /**
   * La conversación a la que van. Lo que hubiera a medias se guarda en la suya.
   *
   * @param {string} id
   */
  async abrir(id) {
    const previa = this.#id;
    if (previa === id) return;
    this.#id = id;
    const { grabacion, nota } = this.#soltar();
    const entera = nota ?? (grabacion && comoNota(await grabacion.hecha));
    if (entera?.size && previa) this.#destino.guardar(entera, previa);
  }

  /** Si se está grabando, o hay una sin enviar. */
  get abierta() {
    return Boolean(this.#grabacion || this.#nota);
  }

  /** Tira lo que haya, sin decir nada. */
  olvidar() {
    this.#id = "";
    this.#soltar();
  }

  async #empezar() {
    const motivo = impedimento();
    if (motivo) return avisar(motivo, { clase: "aviso-error" });
    const vez = ++this.#vez;
    callar();
    try {
      const grabacion = await Grabacion.empezar();
      if (vez !== this.#vez) return grabacion.parar();
      this.#grabar(grabacion);
    } catch (error) {
      avisar(porQueNo(error), { clase: "aviso-error" });
    }
  }

  /** @param {Grabacion} grabacion */
  async #grabar(grabacion) {
    this.#grabacion = grabacion;
    this.#alturas = [];
    this.#pasarA("grabando");
    anunciar(t("Grabando"));
    porId("grabadora-parar").focus();
    this.#latido = setInterval(() => this.#latir(grabacion), LATIDO);
    const nota = comoNota(await grabacion.hecha);
    if (this.#grabacion === grabacion) await this.#escuchar(nota);
  }

  /** @param {Grabacion} grabacion */
  #latir(grabacion) {
    const { segundos } = grabacion;
    this.#alturas.push(grabacion.nivel);
    const lienzo = porId("grabadora-onda");
    pintarOnda(lienzo, this.#alturas.slice(-barrasDe(lienzo)), 1);
    porId("grabadora-tiempo").textContent = minutos(Math.floor(segundos));
    const llena = grabacion.bytes + MARGEN >= this.#maximo;
    if (segundos < MAX_SEGUNDOS && !llena) return;
    clearInterval(this.#latido);
    grabacion.parar();
    avisar(
      llena
        ? t("Ya ocupa lo que cabe. Envíala, y sigue en otra.")
        : t("Una nota de voz dura {n} minutos como mucho. Envíala, y sigue en otra.", {
            n: MAX_SEGUNDOS / 60,
          }),
    );
  }

  /** @param {File} nota */
  async #escuchar(nota) {
    clearInterval(this.#latido);
    this.#grabacion = null;
    this.#nota = nota;
    this.#pasarA("hecha");
    const escucha = await Escucha.de(nota, () => this.#alSonar()).catch(() => null);
    if (this.#nota !== nota) return escucha?.cerrar();
    if (!escucha) return avisar(t("Aquí no se puede escuchar antes, pero sí enviar."));
    this.#escucha = escucha;
    const lienzo = porId("grabadora-onda");
    this.#alturas = picos(escucha.muestras, barrasDe(lienzo));
    porId("grabadora-oir").hidden = false;
    porId("grabadora-oir").focus();
    this.#alSonar();
  }

  // Mientras suena se pinta a cada fotograma.
  #alSonar() {
    const escucha = this.#escucha;
    if (!escucha) return;
    const { sonando, en, dura } = escucha;
    const oir = porId("grabadora-oir");
    const dibujo = sonando ? "pausa" : "reproducir";
    if (oir.dataset.dibujo !== dibujo) {
      oir.dataset.dibujo = dibujo;
      oir.replaceChildren(icono(dibujo));
      oir.setAttribute("aria-label", sonando ? t("Pausar") : t("Escuchar"));
    }
    pintarOnda(porId("grabadora-onda"), this.#alturas, sonando || en ? en / dura : 1);
    porId("grabadora-tiempo").textContent = minutos(sonando || en ? en : dura);
    cancelAnimationFrame(this.#fotograma);
    if (sonando) this.#fotograma = requestAnimationFrame(() => this.#alSonar());
  }

  async #enviar() {
    const id = this.#id;
    const { grabacion, nota } = this.#soltar();
    const entera = nota ?? (grabacion && comoNota(await grabacion.hecha));
    if (entera?.size) this.#destino.enviar(entera, id);
  }

  #tirar() {
    this.#soltar();
    anunciar(t("Nota de voz descartada"));
  }

  /** Deja de grabar y de sonar, y devuelve lo que hubiera. */
  #soltar() {
    const [grabacion, nota] = [this.#grabacion, this.#nota];
    const { abierta } = this;
    this.#vez++;
    clearInterval(this.#latido);
    this.#escucha?.cerrar();
    grabacion?.parar();
    this.#grabacion = this.#escucha = this.#nota = null;
    this.#pasarA("");
    if (abierta) this.#destino.alCerrar();
    return { grabacion, nota };
  }

  /** @param {"grabando" | "hecha" | ""} estado */
  #pasarA(estado) {
    porId("grabadora").hidden = !estado;
    porId("redactor-fila").hidden = Boolean(estado);
    porId("grabadora").dataset.estado = estado;
    porId("grabadora-parar").hidden = estado !== "grabando";
    porId("grabadora-oir").hidden = true;
    if (estado !== "hecha") porId("grabadora-tiempo").textContent = "0:00";
  }
}

/** @param {Blob} grabado */
function comoNota(grabado) {
  const cuando = new Date().toLocaleString(REGION).replace(",", "").replace(/[/:]/g, ".");
  const extension = EXTENSIONES.get(grabado.type) ?? "webm";
  return new File([grabado], `${NOTA_DE_VOZ} ${cuando}.${extension}`, { type: grabado.type });
}
