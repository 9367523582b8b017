import { anunciar, el, oculto, porFotograma, porId } from "./dom.js";
import { rellenarFila } from "./fila.js";
import { personasDe } from "./personas.js";
import { botonDe, Recorrido } from "./recorrido.js";
import { enPalabras, nombreDe, resumen } from "./textos.js";
import { Ventana } from "./ventana.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { Acciones, Entorno } from "./fila.js"
 */

// Cuántos mensajes se piden más allá de lo que se ve.
const PREVISION = 60;
// Al arrastrar la barra no se pide cada sitio por el que se pasa.
const REPOSO = 90;
const DESTELLO = 1_600;

/** Los mensajes de la conversación abierta: carga, dibujo, lectura y divisor de no leídos. */
export class Hilo {
  #cliente;
  #acciones;
  #ventana;
  /** @type {string | null} */
  #id = null;
  #divisor = 0;
  #recorrido;
  #cargas = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reloj;
  /** @type {unknown} */
  #error = null;
  // Lo que el servidor no tiene (una importación con huecos): no se vuelve a pedir.
  /** @type {Set<number>} */
  #inexistentes = new Set();
  /** @type {Set<number>} */
  #sucias = new Set();
  #refrescar = porFotograma(() => this.#refrescarSucias());

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Pick<Acciones, "menu" | "reaccionar"> & {fallo: (error: unknown) => void}} acciones
   */
  constructor(cliente, acciones) {
    this.#cliente = cliente;
    this.#acciones = { ...acciones, irA: (/** @type {string} */ mensajeId) => this.irA(mensajeId) };
    this.#ventana = new Ventana({
      hilo: porId("hilo"),
      lista: porId("mensajes"),
      arriba: porId("espacio-arriba"),
      abajo: porId("espacio-abajo"),
      dibujar: (n, fila) => this.#dibujar(n, fila),
      alMirar: (desde, hasta) => this.#alMirar(desde, hasta),
    });
    this.#recorrido = new Recorrido(porId("hilo"), this.#ventana);
    this.#escuchar();
  }

  #escuchar() {
    this.#cliente.on(
      "mensajes",
      ({ conversacionId, mensajes }) => conversacionId === this.#id && this.#alCambiar(mensajes),
    );
    this.#cliente.on(
      "mensaje_nuevo",
      ({ conversacionId, mensaje }) => conversacionId === this.#id && this.#alLlegar(mensaje),
    );
    porId("bajar").addEventListener("click", () => this.irAlFinal());
    addEventListener("focus", () => this.#leerLoVisto());
    document.addEventListener("visibilitychange", () => this.#leerLoVisto());
  }

  /**
   * Muestra una conversación, por donde se dejó de leer.
   *
   * @param {string} id
   */
  abrir(id) {
    this.#id = id;
    this.#error = null;
    this.#recorrido.empezar();
    this.#inexistentes.clear();
    porId("bajar").hidden = true;
    const conversacion = this.#cliente.conversacion(id);
    if (!conversacion) return;
    const { ultimaSecuencia, participantes } = conversacion;
    const propio = participantes.find((p) => p.usuario._id === this.#cliente.usuarioId);
    const sinLeer = this.#cliente.noLeidos(id);
    this.#divisor = sinLeer ? (propio?.leidoHasta ?? 0) + 1 : 0;
    this.#ventana.empezar(ultimaSecuencia, this.#divisor || undefined);
    const centro = this.#divisor || ultimaSecuencia;
    this.#cargar(centro - PREVISION, Math.min(ultimaSecuencia, centro + PREVISION));
    this.#estadoVacio();
  }

  cerrar() {
    this.#id = null;
    this.#ventana.empezar(0);
  }

  irAlFinal() {
    this.#ventana.irAlFinal();
    porId("hilo").focus();
  }

  /**
   * Lleva a la vista el mensaje citado, cargándolo si hace falta.
   *
   * @param {string} mensajeId
   */
  async irA(mensajeId) {
    const id = this.#id;
    if (id === null) return;
    try {
      const { secuencia } =
        this.#cliente.mensajePorId(id, mensajeId) ?? (await this.#cliente.leerMensaje(mensajeId));
      await this.#cliente.cargar(id, secuencia - PREVISION / 2, secuencia + PREVISION / 2);
      if (id !== this.#id) return;
      this.#ventana.ir(secuencia);
      this.#recorrido.enfocar(secuencia);
      const fila = this.#ventana.fila(secuencia);
      fila?.classList.add("destello");
      setTimeout(() => fila?.classList.remove("destello"), DESTELLO);
    } catch (error) {
      this.#acciones.fallo(error);
    }
  }

  /** El último mensaje propio que se ve, para editarlo. */
  get ultimoPropio() {
    for (const n of this.#ventana.dibujadas.sort((a, b) => b - a)) {
      const m = this.#mensaje(n);
      if (m?.remitente?._id === this.#cliente.usuarioId && !m.eliminado.eliminado) return m;
    }
    return null;
  }

  /** Quien escribe ve lo que envía. */
  seguirElFinal() {
    this.#divisor = 0;
    this.#ventana.irAlFinal();
    this.#ventana.refrescar(this.#ventana.dibujadas);
  }

  ajustar() {
    this.#ventana.pintar();
  }

  /** @param {number} n */
  #mensaje(n) {
    return this.#id === null ? undefined : this.#cliente.mensaje(this.#id, n);
  }

  /**
   * @param {number} n
   * @param {HTMLElement} [previa]
   */
  #dibujar(n, previa) {
    const fila = previa ?? el("li", { tabindex: "-1", "data-n": n });
    fila.setAttribute("aria-posinset", String(n));
    fila.setAttribute("aria-setsize", String(this.#ventana.total));
    const mensaje = this.#mensaje(n);
    const entorno = mensaje && this.#entorno(n);
    if (mensaje && entorno) this.#rellenar(fila, mensaje, entorno);
    else hueco(fila);
    this.#recorrido.marcar(fila);
    return fila;
  }

  /**
   * Sin perder el foco si lo tenía uno de sus botones.
   *
   * @param {HTMLElement} fila
   * @param {Mensaje} mensaje
   * @param {Entorno} entorno
   */
  #rellenar(fila, mensaje, entorno) {
    const foco = document.activeElement;
    const accion = fila.contains(foco) && foco?.getAttribute("data-accion");
    rellenarFila(fila, mensaje, entorno);
    if (accion) (botonDe(fila, accion) ?? fila).focus({ preventScroll: true });
  }

  /**
   * @param {number} n
   * @returns {Entorno | null} `null` si no hay conversación abierta
   */
  #entorno(n) {
    const conversacion = this.#id === null ? undefined : this.#cliente.conversacion(this.#id);
    if (!conversacion) return null;
    return {
      yo: this.#cliente.usuarioId,
      previo: this.#mensaje(n - 1),
      primera: n === 1,
      divisor: n === this.#divisor,
      deGrupo: conversacion.tipo !== "individual" || conversacion.participantes.length > 2,
      personas: personasDe(this.#cliente, conversacion),
      acciones: this.#acciones,
    };
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #alMirar(desde, hasta) {
    if (!this.#id) return;
    this.#pedirCercanos(desde, hasta);
    porId("bajar").hidden = this.#ventana.alFinal;
    this.#leerLoVisto();
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #anotarInexistentes(desde, hasta) {
    const ultima = Math.min(hasta, this.#ventana.total);
    for (let n = Math.max(1, desde); n <= ultima; n++) {
      if (!this.#mensaje(n)) this.#inexistentes.add(n);
    }
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #faltan(desde, hasta) {
    for (let n = desde; n <= hasta; n++) {
      if (!this.#mensaje(n) && !this.#inexistentes.has(n)) return true;
    }
    return false;
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #pedirCercanos(desde, hasta) {
    clearTimeout(this.#reloj);
    const primera = Math.max(1, desde - PREVISION);
    const ultima = Math.min(this.#ventana.total, hasta + PREVISION);
    if (!this.#faltan(primera, ultima)) return;
    // Quien desplaza sin parar recibe historia sin parar; quien salta, cuando se detiene.
    const salto = this.#faltan(desde, desde) && this.#faltan(hasta, hasta);
    if (salto) this.#reloj = setTimeout(() => this.#cargar(primera, ultima), REPOSO);
    else if (!this.#cargas) this.#cargar(primera, ultima);
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  async #cargar(desde, hasta) {
    const id = this.#id;
    if (id === null) return;
    this.#cargas++;
    porId("hilo").setAttribute("aria-busy", "true");
    try {
      await this.#cliente.cargar(id, desde, hasta);
      this.#error = null;
      if (id === this.#id) this.#anotarInexistentes(desde, hasta);
      this.#cliente.podar(id, desde - 500, hasta + 500);
    } catch (error) {
      this.#error = error;
    } finally {
      if (!--this.#cargas) porId("hilo").removeAttribute("aria-busy");
      if (id === this.#id) this.#alCargar();
    }
  }

  // Tras dibujar lo que llegó, que se hace al fotograma siguiente.
  #alCargar() {
    this.#estadoVacio();
    const seguir = () => {
      if (this.#cargas || !this.#id || this.#error) return;
      this.#ventana.pegarSiCabe();
      this.#alMirar(...this.#ventana.vistas);
    };
    requestAnimationFrame(() => requestAnimationFrame(seguir));
  }

  /** @param {Mensaje[]} mensajes */
  #alCambiar(mensajes) {
    // La fila siguiente depende de esta: su fecha y si va junta.
    for (const { secuencia } of mensajes) this.#sucias.add(secuencia).add(secuencia + 1);
    this.#refrescar();
  }

  #refrescarSucias() {
    if (!this.#id) return this.#sucias.clear();
    this.#ventana.crecer(this.#cliente.conversacion(this.#id)?.ultimaSecuencia ?? 0);
    this.#ventana.refrescar(this.#sucias);
    this.#sucias.clear();
    this.#estadoVacio();
    this.#leerLoVisto();
  }

  /** @param {Mensaje} mensaje */
  #alLlegar(mensaje) {
    const propia = mensaje.remitente?._id === this.#cliente.usuarioId;
    if (propia) return;
    anunciar(`${nombreDe(mensaje.remitente)}: ${resumen(mensaje)}`);
    const mirando = this.#atento && this.#ventana.pegada;
    if (!mirando && !this.#divisor) this.#divisor = mensaje.secuencia;
  }

  get #atento() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  #leerLoVisto() {
    if (!this.#id || !this.#atento || !this.#ventana.total || !porId("hilo").clientHeight) return;
    const mensaje = this.#mensaje(this.#ventana.vistas[1]);
    if (mensaje) this.#cliente.leer(this.#id, mensaje);
    const sinLeer = this.#cliente.noLeidos(this.#id);
    porId("bajar-texto").textContent = sinLeer ? `${sinLeer} sin leer` : "Ir al último mensaje";
  }

  #estadoVacio() {
    const aviso = porId("hilo-aviso");
    const hay = this.#ventana.total > 0;
    aviso.hidden = hay && !this.#error;
    aviso.classList.toggle("fijo", hay);
    if (this.#error) {
      const reintentar = () => {
        this.#error = null;
        const [desde, hasta] = this.#ventana.vistas;
        this.#cargar(desde - PREVISION, hasta + PREVISION);
      };
      aviso.replaceChildren(
        el("p", { texto: `No se pudieron cargar los mensajes. ${enPalabras(this.#error)}` }),
        el("button.boton.boton-suave", { type: "button", texto: "Reintentar", click: reintentar }),
      );
    } else if (!hay)
      aviso.replaceChildren(
        el("p.vacio-titulo", { texto: "Aún no hay mensajes" }),
        el("p.suave", { texto: "Escribe el primero." }),
      );
  }
}

/** @param {HTMLElement} fila */
function hueco(fila) {
  fila.className = "fila hueca";
  fila.replaceChildren(el("span.esqueleto", { "aria-hidden": "true" }), oculto("Cargando…"));
}
