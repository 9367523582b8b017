/**
 * Avisos con nombre: `on`, `once`, `off`. Un oyente que falla no impide que se avise a los demás.
 *
 * @template {object} Avisos los datos de cada aviso, por su nombre
 */
export class Emisor {
  /** @type {Map<keyof Avisos, Set<(datos: never) => void>>} */
  #oyentes = new Map();

  /**
   * @template {keyof Avisos} A
   * @param {A} aviso
   * @param {(datos: Avisos[A]) => void} oyente
   * @returns {() => void} deja de escuchar
   */
  on(aviso, oyente) {
    const oyentes = this.#oyentes.get(aviso) ?? new Set();
    this.#oyentes.set(aviso, oyentes.add(oyente));
    return () => this.off(aviso, oyente);
  }

  /**
   * @template {keyof Avisos} A
   * @param {A} aviso
   * @param {(datos: Avisos[A]) => void} oyente
   */
  once(aviso, oyente) {
    const dejar = this.on(aviso, (datos) => {
      dejar();
      oyente(datos);
    });
    return dejar;
  }

  /**
   * @template {keyof Avisos} A
   * @param {A} aviso
   * @param {(datos: Avisos[A]) => void} oyente
   */
  off(aviso, oyente) {
    this.#oyentes.get(aviso)?.delete(oyente);
  }

  /**
   * @protected
   * @template {keyof Avisos} A
   * @param {A} aviso
   * @param {Avisos[A]} datos
   */
  avisar(aviso, datos) {
    for (const oyente of [...(this.#oyentes.get(aviso) ?? [])]) {
      try {
        /** @type {(datos: Avisos[A]) => void} */ (oyente)(datos);
      } catch (error) {
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }
}
