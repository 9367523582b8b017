import { ErrorMensajeria } from "./errores.js";

/**
 * @import { Api } from "./api.js"
 * @import { Conexion } from "./conexion.js"
 * @import { Reanudada } from "./eventos.js"
 * @import { Ficha } from "./ficha.js"
 * @import { Fichas } from "./fichas.js"
 */

const MAX_CURSORES = 200;
const PAGINA = 100;
// Un cambio adelantado suele ir seguido del que falta.
const ESPERA_HUECO = 400;
const ESPERA_REINTENTO = 2_000;
// Entre cuánto se reparten los clientes al cambiar de época.
const DISPERSION = 1_000;

/** Pone al día las conversaciones: tras reconectar, y cuando en una falta algo. */
export class Sincronia {
  #conexion;
  #api;
  #fichas;
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #reparaciones = new Map();

  /**
   * @param {Conexion} conexion
   * @param {Api} api
   * @param {Fichas} fichas
   */
  constructor(conexion, api, fichas) {
    this.#conexion = conexion;
    this.#api = api;
    this.#fichas = fichas;
    fichas.on("falta", ({ conversacionId }) => this.#repararPronto(conversacionId));
    fichas.on("falta_forma", ({ conversacionId }) => this.leerForma(conversacionId));
    fichas.on("falta_mensaje", ({ conversacionId, mensajeId }) =>
      this.#leerMensaje(conversacionId, mensajeId),
    );
  }

  /** Todo lo que pasó desde cada cursor. Lo que ya no es de esta persona se quita. */
  async reanudar() {
    for (const [epoca, fichas] of porEpoca(this.#fichas.todas)) {
      const faltan = [...fichas];
      while (faltan.length) {
        faltan.push(...(await this.#reanudar(faltan.splice(0, MAX_CURSORES), epoca)));
      }
    }
  }

  /**
   * Devuelve las que no cabían en la respuesta.
   *
   * @param {Ficha[]} tanda
   * @param {string} epoca
   */
  async #reanudar(tanda, epoca) {
    const cursores = Object.fromEntries(tanda.map(({ id, cursor }) => [id, cursor.valor]));
    const respuesta = await this.#conexion.pedir("reanudar", { cursores, epoca });
    this.#fichas.epoca = respuesta.epoca;
    const pendientes = [];
    for (const ficha of tanda) {
      const suya = respuesta.conversaciones[ficha.id];
      if (suya) this.#aplicar(ficha.id, suya);
      else if (respuesta.pendientes.includes(ficha.id)) pendientes.push(ficha);
      else this.#fichas.quitar(ficha.id);
    }
    return pendientes;
  }

  /**
   * La base volvió atrás: lo que llegue ahora se numera en esa época. Con azar, para que no lo pidan
   * todos a la vez.
   *
   * @param {string} epoca
   */
  cambiarDeEpoca(epoca) {
    this.#fichas.epoca = epoca;
    setTimeout(() => this.reanudar().catch(() => {}), Math.random() * DISPERSION);
  }

  /**
   * Se une a una conversación y recibe lo que le faltaba.
   *
   * @param {string} id
   */
  async unirse(id) {
    const ficha = this.#fichas.de(id);
    const datos = { conversacionId: id, desdeCambio: ficha?.cursor.valor, epoca: ficha?.epoca };
    const respuesta = await this.#conexion.pedir("unirse_conversacion", datos);
    this.#fichas.epoca = respuesta.epoca;
    this.#aplicar(id, respuesta);
    return respuesta;
  }

  /** @param {string} id */
  async leerForma(id) {
    try {
      return this.#fichas.ponerConversacion(await this.#api.conversacion(id));
    } catch (error) {
      if (!(error instanceof ErrorMensajeria)) throw error;
      if (error.code === "NOT_FOUND") this.#fichas.quitar(id);
      else if (!error.esPasajero) throw error;
    }
  }

  /**
   * @param {string} id
   * @param {string} mensajeId
   */
  async #leerMensaje(id, mensajeId) {
    try {
      this.#fichas.ponerMensajes(id, [await this.#api.mensaje(mensajeId)]);
    } catch {}
  }

  /** @param {Ficha} ficha */
  async #leerFijados(ficha) {
    try {
      this.#fichas.ponerMensajes(ficha.id, await this.#api.fijados(ficha.id));
      ficha.conFijados = true;
    } catch {}
  }

  /**
   * @param {string} id
   * @param {Reanudada} reanudada
   */
  #aplicar(id, { ultimoCambio, conversacion, cambios, completo, reiniciado }) {
    const ficha = reiniciado
      ? this.#fichas.reiniciar(conversacion, cambios)
      : this.#fichas.ponerConversacion(conversacion);
    this.#fichas.ponerMensajes(id, cambios);
    // De cero, la historia que no cabe se lee al mirarla, como la de una que se acaba de conocer.
    const hasta = reiniciado ? conversacion.ultimoCambio : ultimoCambio;
    ficha.cursor.fijar(hasta);
    if (ficha.abierta && !ficha.conFijados) this.#leerFijados(ficha);
    if (!completo && !reiniciado) this.#continuar(ficha, conversacion.ultimoCambio);
  }

  /**
   * Lo que no cupo en la respuesta, por REST y en orden de cambio. Si la conexión cae, al volver se
   * reanuda desde donde quedó el cursor.
   *
   * @param {Ficha} ficha
   * @param {number} hasta
   */
  async #continuar(ficha, hasta) {
    while (this.#conexion.lista && this.#fichas.de(ficha.id) === ficha) {
      try {
        const parametros = { desdeCambio: ficha.cursor.valor, limite: PAGINA, epoca: ficha.epoca };
        const { results, siguiente, reiniciado } = await this.#api.mensajes(ficha.id, parametros);
        // Al saberlo la conexión se reanuda todo.
        if (reiniciado || this.#fichas.de(ficha.id) !== ficha) return;
        this.#fichas.ponerMensajes(ficha.id, results);
        const ultimo = results.at(-1)?.secuenciaCambio ?? 0;
        ficha.cursor.fijar(siguiente ? ultimo : Math.max(ultimo, hasta));
        if (!siguiente) return;
      } catch (error) {
        if (!(error instanceof ErrorMensajeria && error.esPasajero)) return;
        await new Promise((seguir) => setTimeout(seguir, ESPERA_REINTENTO));
      }
    }
  }

  /** @param {string} id */
  #repararPronto(id) {
    if (this.#reparaciones.has(id)) return;
    this.#reparaciones.set(
      id,
      setTimeout(() => {
        this.#reparaciones.delete(id);
        const ficha = this.#fichas.de(id);
        if (!ficha || ficha.cursor.hueco) this.unirse(id).catch(() => {});
      }, ESPERA_HUECO),
    );
  }
}

/**
 * Los cursores solo valen en su época.
 *
 * @param {Ficha[]} fichas
 */
function porEpoca(fichas) {
  /** @type {Map<string, Ficha[]>} */
  const grupos = new Map();
  for (const ficha of fichas) grupos.set(ficha.epoca, [...(grupos.get(ficha.epoca) ?? []), ficha]);
  return grupos;
}
