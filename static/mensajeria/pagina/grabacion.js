import { t } from "./idioma.js";

// Los que el servidor admite, y entre todos los navegadores graban.
const TIPOS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BITS = 48_000;

/** @type {Record<string, string>} */
const NEGATIVAS = {
  NotAllowedError: t(
    "No hay permiso para usar el micrófono. Dáselo a esta página en el navegador y vuelve a intentarlo.",
  ),
  NotFoundError: t("No se encuentra ningún micrófono. Conecta uno y vuelve a intentarlo."),
  NotReadableError: t("Otro programa está usando el micrófono. Ciérralo y vuelve a intentarlo."),
};

/** Por qué no se puede grabar aquí; vacío, si se puede. */
export function impedimento() {
  if (!isSecureContext)
    return t("Para grabar, abre la página por HTTPS. También puedes adjuntar un audio.");
  if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === "undefined" || !tipo())
    return t("Este navegador no puede grabar. Adjunta un audio grabado con otra aplicación.");
  return "";
}

const tipo = () => TIPOS.find((uno) => MediaRecorder.isTypeSupported(uno));

/** @param {unknown} error */
export const porQueNo = (error) =>
  NEGATIVAS[/** @type {Error} */ (error).name] ?? t("No se pudo abrir el micrófono. Vuelve a intentarlo.");

/** Lo que entra por el micrófono, mientras se graba. */
export class Grabacion {
  #flujo;
  #grabador;
  #contexto = new AudioContext();
  #analista = this.#contexto.createAnalyser();
  /** @type {Blob[]} */
  #partes = [];
  #inicio = performance.now();
  /** @type {Promise<Blob>} se cumple al parar, también si el micrófono se desconecta */
  hecha;

  /** Pide el micrófono; lanza lo que diga el navegador. */
  static async empezar() {
    const flujo = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      return new Grabacion(flujo);
    } catch (error) {
      apagar(flujo);
      throw error;
    }
  }

  /** @param {MediaStream} flujo */
  constructor(flujo) {
    this.#flujo = flujo;
    this.#grabador = new MediaRecorder(flujo, { mimeType: tipo(), audioBitsPerSecond: BITS });
    this.#contexto.createMediaStreamSource(flujo).connect(this.#analista);
    this.#contexto.resume();
    this.#grabador.addEventListener("dataavailable", ({ data }) => this.#partes.push(data));
    this.hecha = new Promise((bien) => this.#grabador.addEventListener("stop", () => bien(this.#cerrar())));
    this.#grabador.start(1_000);
  }

  get segundos() {
    return (performance.now() - this.#inicio) / 1_000;
  }

  /** Lo que ocupa hasta ahora. */
  get bytes() {
    return this.#partes.reduce((suma, { size }) => suma + size, 0);
  }

  /** Lo fuerte que suena ahora, de 0 a 1. */
  get nivel() {
    const muestras = new Float32Array(this.#analista.fftSize);
    this.#analista.getFloatTimeDomainData(muestras);
    return Math.min(1, 2 * muestras.reduce((mayor, m) => Math.max(mayor, Math.abs(m)), 0));
  }

  parar() {
    if (this.#grabador.state !== "inactive") this.#grabador.stop();
  }

  #cerrar() {
    apagar(this.#flujo);
    this.#contexto.close();
    return new Blob(this.#partes, { type: this.#grabador.mimeType.split(";")[0] });
  }
}

/** @param {MediaStream} flujo */
function apagar(flujo) {
  for (const pista of flujo.getTracks()) pista.stop();
}
