/**
 * Una grabación, para oírla antes de enviarla: con Web Audio, que da sus muestras para pintarlas y
 * cuánto dura, que lo que sale de `MediaRecorder` no lo dice.
 */
export class Escucha {
  #contexto = new AudioContext();
  /** @type {AudioBufferSourceNode | null} */
  #fuente = null;
  #sonido;
  #desde = 0;
  #inicio = 0;
  #alParar;

  /**
   * Lanza si el navegador no sabe abrirla.
   *
   * @param {Blob} blob
   * @param {() => void} alParar
   */
  static async de(blob, alParar) {
    const contexto = new AudioContext();
    try {
      return new Escucha(await contexto.decodeAudioData(await blob.arrayBuffer()), alParar);
    } finally {
      contexto.close();
    }
  }

  /**
   * @param {AudioBuffer} sonido
   * @param {() => void} alParar
   */
  constructor(sonido, alParar) {
    this.#sonido = sonido;
    this.#alParar = alParar;
  }

  get dura() {
    return this.#sonido.duration;
  }

  get muestras() {
    return this.#sonido.getChannelData(0);
  }

  get sonando() {
    return this.#fuente !== null;
  }

  /** Por dónde va, en segundos. */
  get en() {
    return this.#desde + (this.#fuente ? this.#contexto.currentTime - this.#inicio : 0);
  }

  alternar() {
    if (this.#fuente) this.#parar(this.en);
    else this.#sonar();
  }

  cerrar() {
    this.#parar(0);
    this.#contexto.close();
  }

  #sonar() {
    const fuente = this.#contexto.createBufferSource();
    fuente.buffer = this.#sonido;
    fuente.connect(this.#contexto.destination);
    // Pararla también la acaba: solo cuenta si es la que suena.
    fuente.addEventListener("ended", () => fuente === this.#fuente && this.#parar(0));
    this.#contexto.resume();
    this.#inicio = this.#contexto.currentTime;
    this.#fuente = fuente;
    fuente.start(0, this.#desde);
  }

  /** @param {number} en */
  #parar(en) {
    const fuente = this.#fuente;
    this.#fuente = null;
    this.#desde = en;
    fuente?.stop();
    if (fuente) this.#alParar();
  }
}
