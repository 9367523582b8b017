import { Emisor } from "./emisor.js";
import { comoError, ErrorMensajeria, SESION_PERDIDA, SIN_CONEXION, SIN_RESPUESTA } from "./errores.js";

/**
 * @import { EventosCliente, Respuestas } from "./eventos.js"
 * @import { Sesion } from "./sesion.js"
 * @import { SesionAjena } from "./sesion_ajena.js"
 * @import {
 *   AvisosDeConexion, EstadoConexion, EventoRecibido, Respuesta, Transporte,
 * } from "./tipos.js"
 *
 * @typedef {object} Pedido
 * @property {keyof EventosCliente} evento
 * @property {(datos: unknown) => void} bien
 * @property {(error: ErrorMensajeria) => void} mal
 * @property {Reloj} reloj
 *
 * @typedef {ReturnType<typeof setTimeout>} Reloj
 * @typedef {"apertura" | "estable" | "latido" | "reintento" | "renovacion"} Espera
 */

const PLAZO = 15_000;
const LATIDO = 25_000;
const PLAZO_LATIDO = 10_000;
// Al volver de un sueño o de otra red, se sabe antes si la conexión sigue viva.
const PLAZO_SOSPECHA = 4_000;
const ESPERA_BASE = 500;
const ESPERA_MAXIMA = 20_000;
// Una conexión que dura menos no borra los intentos fallidos.
const ESTABLE = 5_000;

/**
 * Mantiene abierta una conexión autenticada: ingresa, late, y si cae vuelve, cada vez más despacio y
 * con azar, para que mil clientes no vuelvan a la vez.
 *
 * Avisa `estado`, `evento` (los del servidor, ya autenticada) y `marco` (todo lo que entra y sale).
 *
 * @extends {Emisor<AvisosDeConexion>}
 */
export class Conexion extends Emisor {
  /** @type {EstadoConexion} */
  estado = "apagada";
  /** @type {string[]} con las que se puede reaccionar, desde que el servidor lo dice */
  reacciones = [];
  #crear;
  #sesion;
  /** @type {Transporte | null} */
  #transporte = null;
  /** @type {Map<number, Pedido>} */
  #pedidos = new Map();
  #siguienteId = 1;
  #intento = 0;
  /** @type {Partial<Record<Espera, Reloj>>} */
  #reloj = {};
  /** @type {AbortController | null} */
  #navegador = null;
  /** @type {ErrorMensajeria | undefined} */
  #aviso;

  /**
   * @param {() => Transporte} crear
   * @param {Sesion | SesionAjena} sesion
   */
  constructor(crear, sesion) {
    super();
    this.#crear = crear;
    this.#sesion = sesion;
  }

  get lista() {
    return this.estado === "lista";
  }

  encender() {
    if (this.estado !== "apagada") return;
    this.#intento = 0;
    this.#vigilarNavegador();
    this.#abrir();
  }

  apagar() {
    this.#navegador?.abort();
    this.#soltar();
    this.#pasarA("apagada");
  }

  /**
   * Cierra y vuelve a abrir ya, con otro transporte si `crear` lo dice.
   *
   * @param {() => Transporte} [crear]
   */
  reabrir(crear = this.#crear) {
    this.#crear = crear;
    if (this.estado === "apagada") return;
    this.#soltar();
    this.#abrir();
  }

  /** Lo que se espera se hace ya; si parece abierta, se comprueba. */
  comprobar() {
    if (this.estado === "esperando") this.#abrir();
    else if (this.lista) this.#latir(PLAZO_SOSPECHA);
  }

  /**
   * Pide algo al servidor y espera su respuesta. Sin ella en el plazo, la conexión se da por muerta.
   *
   * @template {keyof EventosCliente} E
   * @param {E} evento
   * @param {EventosCliente[E]} datos
   * @param {number} [plazo]
   * @returns {Promise<Respuestas[E]>} los `datos` de la respuesta
   */
  pedir(evento, datos, plazo = PLAZO) {
    const transporte = this.#transporte;
    if (!transporte || (!this.lista && evento !== "autenticar")) {
      return Promise.reject(new ErrorMensajeria({ code: SIN_CONEXION, evento }));
    }
    const id = this.#siguienteId++;
    return new Promise((cumplir, mal) => {
      const bien = (/** @type {unknown} */ acuse) => cumplir(/** @type {Respuestas[E]} */ (acuse));
      const reloj = setTimeout(() => this.#sinRespuesta(id), plazo);
      this.#pedidos.set(id, { evento, bien, mal, reloj });
      this.avisar("marco", { sentido: "salida", evento, datos, id });
      try {
        transporte.enviar(evento, datos, id);
      } catch {
        this.#caer();
      }
    });
  }

  #abrir() {
    clearTimeout(this.#reloj.reintento);
    this.#pasarA("conectando");
    const transporte = (this.#transporte = this.#crear());
    const vigente = () => transporte === this.#transporte;
    this.#reloj.apertura = setTimeout(() => vigente() && this.#caer(), PLAZO);
    transporte.abrir({
      alAbrir: () => vigente() && this.#autenticar(),
      alRecibir: (marco) => vigente() && this.#recibir(marco),
      alCerrar: () => vigente() && this.#caer(),
    });
  }

  async #autenticar(renovado = false) {
    const transporte = this.#transporte;
    try {
      const credenciales = { token: await this.#sesion.token() };
      const { usuarioId, reacciones } = await this.pedir("autenticar", credenciales);
      if (transporte !== this.#transporte) return;
      this.#sesion.es(usuarioId);
      this.reacciones = reacciones;
      this.#empezar();
    } catch (causa) {
      if (transporte !== this.#transporte) return;
      const error = comoError(causa);
      if (error.code === SESION_PERDIDA) this.apagar();
      else if (error.esDeIngreso && !renovado) await this.#reingresar(transporte);
      else this.#caer(error);
    }
  }

  /** @param {Transporte | null} transporte */
  async #reingresar(transporte) {
    try {
      await this.#sesion.renovar();
    } catch (causa) {
      if (transporte !== this.#transporte) return;
      const error = comoError(causa);
      if (error.code === SESION_PERDIDA) this.apagar();
      else this.#caer(error);
      return;
    }
    if (transporte === this.#transporte) await this.#autenticar(true);
  }

  #empezar() {
    clearTimeout(this.#reloj.apertura);
    this.#reloj.latido = setInterval(() => this.#latir(), LATIDO);
    this.#reloj.estable = setTimeout(() => (this.#intento = 0), ESTABLE);
    this.#programarRenovacion();
    this.#pasarA("lista");
  }

  #latir(plazo = PLAZO_LATIDO) {
    this.pedir("ping", {}, plazo).catch(() => {});
  }

  // Antes de que caduque, por la misma conexión; si falla, el servidor cierra y se vuelve a ingresar.
  #programarRenovacion() {
    const falta = Math.max(1_000, this.#sesion.vigencia);
    this.#reloj.renovacion = setTimeout(
      async () => {
        if (this.#sesion.vigencia > 0) return this.#programarRenovacion();
        try {
          await this.pedir("renovar_token", { token: await this.#sesion.token() });
          this.#programarRenovacion();
        } catch {}
      },
      Math.min(falta, 2 ** 31 - 1),
    );
  }

  /** @param {EventoRecibido | Respuesta} marco */
  #recibir(marco) {
    this.avisar("marco", { sentido: "entrada", ...marco });
    if (marco.evento === "respuesta") return this.#responder(marco);
    // Con `id`, la misma negativa viene también como respuesta.
    if (marco.evento === "error" && marco.datos.id !== undefined) return;
    if (this.lista) this.avisar("evento", marco);
    else if (marco.evento === "error") this.#aviso = new ErrorMensajeria(marco.datos);
  }

  /** @param {Respuesta} respuesta */
  #responder({ id, ok, datos, error }) {
    const pedido = this.#pedidos.get(id);
    if (!pedido) return;
    this.#pedidos.delete(id);
    clearTimeout(pedido.reloj);
    if (ok) pedido.bien(datos);
    else pedido.mal(new ErrorMensajeria(error));
  }

  /** @param {number} id */
  #sinRespuesta(id) {
    const pedido = this.#pedidos.get(id);
    this.#pedidos.delete(id);
    pedido?.mal(new ErrorMensajeria({ code: SIN_RESPUESTA, evento: pedido.evento }));
    this.#caer();
  }

  #caer(error = this.#aviso) {
    this.#soltar();
    this.#aviso = undefined;
    const tope = Math.min(ESPERA_MAXIMA, ESPERA_BASE * 2 ** this.#intento++);
    const espera = Math.max(tope * (0.5 + Math.random() / 2), (error?.reintentarEn ?? 0) * 1000);
    this.#reloj.reintento = setTimeout(() => this.#abrir(), espera);
    this.#pasarA("esperando", { espera, error });
  }

  #soltar() {
    for (const reloj of Object.values(this.#reloj)) clearTimeout(reloj);
    this.#reloj = {};
    const transporte = this.#transporte;
    this.#transporte = null;
    transporte?.cerrar();
    const pedidos = [...this.#pedidos.values()];
    this.#pedidos.clear();
    for (const { evento, mal, reloj } of pedidos) {
      clearTimeout(reloj);
      mal(new ErrorMensajeria({ code: SIN_CONEXION, evento }));
    }
  }

  /**
   * @param {EstadoConexion} estado
   * @param {{espera?: number, error?: ErrorMensajeria}} [detalles]
   */
  #pasarA(estado, detalles = {}) {
    if (this.estado === estado && estado !== "esperando") return;
    this.estado = estado;
    this.avisar("estado", { estado, ...detalles });
  }

  #vigilarNavegador() {
    if (typeof document === "undefined") return;
    this.#navegador = new AbortController();
    const { signal } = this.#navegador;
    addEventListener("online", () => this.comprobar(), { signal });
    addEventListener("offline", () => this.comprobar(), { signal });
    addEventListener("pageshow", (e) => e.persisted && this.comprobar(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.comprobar(), { signal });
  }
}
