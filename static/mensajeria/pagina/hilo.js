import { Cercanos, PREVISION } from "./cercanos.js";
import { anunciar, el, porFotograma, porId } from "./dom.js";
import { rellenarFila } from "./fila.js";
import { t } from "./idioma.js";
import { Mosaico } from "./mosaico.js";
import { personasDe } from "./personas.js";
import { botonDe, Recorrido } from "./recorrido.js";
import { nombreDe, resumen } from "./textos.js";
import { avisarEnElHilo, ponerHueco } from "./vacio.js";
import { Ventana } from "./ventana.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { Acciones, Entorno } from "./fila.js"
 * @import { Sitio } from "./mosaico.js"
 */

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
  #mosaico = new Mosaico((n) => this.#mensaje(n));
  #cercanos;
  /** @type {unknown} */
  #error = null;
  /** @type {Set<number>} */
  #sucias = new Set();
  #refrescar = porFotograma(() => this.#refrescarSucias());

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Pick<Acciones, "menu" | "reaccionar" | "ver"> & {fallo: (error: unknown) => void}} acciones
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
    this.#cercanos = new Cercanos(cliente, {
      hay: (n) => this.#mensaje(n) !== undefined,
      total: () => this.#ventana.total,
      alAcabar: (error) => this.#alCargar(error),
    });
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
    this.#cliente.on("estado", ({ estado }) => {
      if (estado === "lista" && this.#error) this.#reintentar();
      else if (this.#error) this.#estadoVacio();
    });
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
    this.#cercanos.empezar(id);
    this.#mosaico.olvidar();
    porId("bajar").hidden = true;
    const conversacion = this.#cliente.conversacion(id);
    if (!conversacion) return;
    const { ultimaSecuencia, participantes } = conversacion;
    const propio = participantes.find((p) => p.usuario._id === this.#cliente.usuarioId);
    const sinLeer = this.#cliente.noLeidos(id);
    this.#divisor = sinLeer ? (propio?.leidoHasta ?? 0) + 1 : 0;
    this.#ventana.empezar(ultimaSecuencia, this.#divisor || undefined);
    const centro = this.#divisor || ultimaSecuencia;
    this.#cercanos.cargar(centro - PREVISION, Math.min(ultimaSecuencia, centro + PREVISION));
    this.#estadoVacio();
  }

  cerrar() {
    this.#id = null;
    this.#cercanos.empezar(null);
    this.#ventana.empezar(0);
  }

  irAlFinal() {
    this.#ventana.irAlFinal();
    porId("hilo").focus();
  }

  /**
   * Lleva a la vista un mensaje, cargándolo si hace falta con los de alrededor.
   *
   * @param {string} mensajeId
   * @returns {Promise<HTMLElement | undefined>} su fila
   */
  async irA(mensajeId) {
    const id = this.#id;
    if (id === null) return undefined;
    try {
      const { secuencia } =
        this.#cliente.mensajePorId(id, mensajeId) ?? (await this.#cliente.leerMensaje(mensajeId));
      await this.#cliente.cargar(id, secuencia - PREVISION / 2, secuencia + PREVISION / 2);
      if (id !== this.#id) return undefined;
      this.#ventana.ir(secuencia);
      this.#recorrido.enfocar(secuencia);
      const fila = this.#ventana.fila(secuencia);
      fila?.classList.add("destello");
      setTimeout(() => fila?.classList.remove("destello"), DESTELLO);
      return fila;
    } catch (error) {
      this.#acciones.fallo(error);
    }
    return undefined;
  }

  /**
   * Devuelve el foco a lo que en ese mensaje abre su archivo, o al hilo si ya no se ve.
   *
   * @param {number} secuencia
   */
  enfocarArchivo(secuencia) {
    const fila = this.#ventana.fila(secuencia);
    this.#recorrido.enfocar(secuencia);
    ((fila && botonDe(fila, "ver")) ?? fila ?? porId("hilo")).focus({ preventScroll: true });
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
    this.#mosaico.olvidar();
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
    const entorno = mensaje && this.#entorno(n, fila);
    if (mensaje && entorno) this.#rellenar(fila, mensaje, entorno);
    else ponerHueco(fila);
    fila.dataset.sitio = enPalabra(entorno?.sitio);
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
   * @param {HTMLElement} fila
   * @returns {Entorno | null} `null` si no hay conversación abierta
   */
  #entorno(n, fila) {
    const conversacion = this.#id === null ? undefined : this.#cliente.conversacion(this.#id);
    if (!conversacion) return null;
    return {
      yo: this.#cliente.usuarioId,
      previo: this.#mensaje(n - 1),
      primera: n === 1,
      divisor: n === this.#divisor,
      deGrupo: conversacion.tipo !== "individual" || conversacion.participantes.length > 2,
      sitio: this.#mosaico.sitio(n, this.#divisor),
      foto: fila.querySelector(".foto"),
      citado: (mensajeId) => this.#cliente.mensajePorId(conversacion._id, mensajeId),
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
    this.#cercanos.pedir(desde, hasta);
    porId("bajar").hidden = this.#ventana.alFinal;
    this.#leerLoVisto();
  }

  /** @param {unknown} error */
  #alCargar(error) {
    this.#error = error;
    this.#estadoVacio();
    // Tras dibujar lo que llegó, que se hace al fotograma siguiente.
    const seguir = () => {
      if (this.#cercanos.cargando || !this.#id || this.#error) return;
      this.#ventana.pegarSiCabe();
      this.#alMirar(...this.#ventana.vistas);
    };
    requestAnimationFrame(() => requestAnimationFrame(seguir));
  }

  /** @param {Mensaje[]} mensajes */
  #alCambiar(mensajes) {
    this.#mosaico.olvidar();
    this.#bajarElDivisor();
    // La fila siguiente depende de esta: su fecha y si va junta.
    for (const { secuencia } of mensajes) this.#sucias.add(secuencia).add(secuencia + 1);
    this.#refrescar();
  }

  /** Lo propio no es nuevo para quien lo escribió, aunque fuera desde otro sitio. */
  #bajarElDivisor() {
    const previo = this.#divisor;
    while (this.#divisor && this.#mensaje(this.#divisor)?.remitente?._id === this.#cliente.usuarioId)
      this.#divisor++;
    const hay = this.#id !== null && this.#cliente.noLeidos(this.#id) > 0;
    if (this.#divisor > this.#ventana.total && !hay) this.#divisor = 0;
    if (this.#divisor !== previo) this.#sucias.add(previo).add(this.#divisor);
  }

  #refrescarSucias() {
    if (!this.#id) return this.#sucias.clear();
    this.#ventana.crecer(this.#cliente.conversacion(this.#id)?.ultimaSecuencia ?? 0);
    this.#ventana.refrescar(this.#conSuRejilla(this.#sucias));
    this.#sucias.clear();
    this.#estadoVacio();
    this.#leerLoVisto();
  }

  /**
   * Con una imagen de más o de menos, las de su rejilla cambian de sitio.
   *
   * @param {Set<number>} sucias
   */
  #conSuRejilla(sucias) {
    for (const n of this.#ventana.dibujadas) {
      const sitio = enPalabra(this.#mosaico.sitio(n, this.#divisor));
      if (this.#ventana.fila(n)?.dataset.sitio !== sitio) sucias.add(n);
    }
    return sucias;
  }

  /** @param {Mensaje} mensaje */
  #alLlegar(mensaje) {
    const propia = mensaje.remitente?._id === this.#cliente.usuarioId;
    if (propia) return;
    anunciar([nombreDe(mensaje.remitente), resumen(mensaje)].join(": "));
    const mirando = this.#atento && this.#ventana.pegada;
    if (mirando || this.#divisor) return;
    this.#divisor = mensaje.secuencia;
    this.#mosaico.olvidar();
  }

  get #atento() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  #leerLoVisto() {
    if (!this.#id || !this.#atento || !this.#ventana.total || !porId("hilo").clientHeight) return;
    const mensaje = this.#mensaje(this.#ventana.vistas[1]);
    if (mensaje) this.#cliente.leer(this.#id, mensaje);
    const sinLeer = this.#cliente.noLeidos(this.#id);
    porId("bajar-texto").textContent = sinLeer
      ? t("{n} sin leer", { n: sinLeer })
      : t("Ir al último mensaje");
  }

  #estadoVacio() {
    // Sin conexión, volver a intentarlo es cosa de la banda.
    const reintentar = this.#cliente.estado === "lista" && (() => this.#reintentar());
    avisarEnElHilo(this.#ventana.total > 0, this.#error, reintentar);
  }

  #reintentar() {
    this.#error = null;
    const [desde, hasta] = this.#ventana.vistas;
    this.#cercanos.cargar(desde - PREVISION, hasta + PREVISION);
  }
}

/** @param {Sitio | null} [sitio] */
const enPalabra = (sitio) => (sitio ? `${sitio.lugar} de ${sitio.total}` : "");
