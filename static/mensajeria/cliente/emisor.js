/** Avisos con nombre: `on`, `once`, `off`. Un oyente que falla no impide que se avise a los demás. */
export class Emisor {
  #oyentes = new Map();

  /**
   * @param {string} evento
   * @param {(datos: any) => void} oyente
   * @returns {() => void} deja de escuchar
   */
  on(evento, oyente) {
    if (!this.#oyentes.has(evento)) this.#oyentes.set(evento, new Set());
    this.#oyentes.get(evento).add(oyente);
    return () => this.off(evento, oyente);
  }

  /**
   * @param {string} evento
   * @param {(datos: any) => void} oyente
   */
  once(evento, oyente) {
    const dejar = this.on(evento, (datos) => {
      dejar();
      oyente(datos);
    });
    return dejar;
  }

  /**
   * @param {string} evento
   * @param {(datos: any) => void} oyente
   */
  off(evento, oyente) {
    this.#oyentes.get(evento)?.delete(oyente);
  }

  /** @protected */
  avisar(evento, datos) {
    for (const oyente of [...(this.#oyentes.get(evento) ?? [])]) {
      try {
        oyente(datos);
      } catch (error) {
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }
}
