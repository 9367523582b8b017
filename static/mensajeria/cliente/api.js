import { ErrorMensajeria, SIN_CONEXION } from "./errores.js";
import { leerRespuesta } from "./sesion.js";

/**
 * @import { Conversacion, Mensaje, Notificacion, Participante } from "./eventos.js"
 * @import { Sesion } from "./sesion.js"
 * @import { NuevaConversacion, Rol, SesionAbierta } from "./tipos.js"
 *
 * @typedef {Record<string, string | number | null | undefined>} Parametros
 */

const PLAZO = 20_000;
const PAGINA = 100;
const parte = encodeURIComponent;

/** REST de `/api/mensajeria/`. Si el token caducó, lo renueva y repite una vez. */
export class Api {
  #origen;
  #sesion;

  /**
   * @param {string} origen
   * @param {Sesion} sesion
   */
  constructor(origen, sesion) {
    this.#origen = origen;
    this.#sesion = sesion;
  }

  /**
   * @template T
   * @param {string} metodo
   * @param {string} ruta
   * @param {{cuerpo?: object, parametros?: Parametros}} [opciones]
   * @returns {Promise<T>} lo que esa ruta responde
   */
  async pedir(metodo, ruta, { cuerpo, parametros = {} } = {}) {
    /** @type {{datos: T}} */
    const { datos } = await this.#insistir(metodo, ruta, cuerpo, parametros);
    return datos;
  }

  /**
   * @template T
   * @param {string} metodo
   * @param {string} ruta
   * @param {object | undefined} cuerpo
   * @param {Parametros} parametros
   * @returns {Promise<{datos: T, siguiente: string | null}>} `siguiente`, el cursor que diga `Link`
   */
  async #insistir(metodo, ruta, cuerpo, parametros) {
    try {
      return await this.#intentar(metodo, ruta, cuerpo, parametros);
    } catch (error) {
      if (!(error instanceof ErrorMensajeria && error.esDeIngreso)) throw error;
      await this.#sesion.renovar();
      return this.#intentar(metodo, ruta, cuerpo, parametros);
    }
  }

  /**
   * @template T
   * @param {string} metodo
   * @param {string} ruta
   * @param {object | undefined} cuerpo
   * @param {Parametros} parametros
   * @returns {Promise<{datos: T, siguiente: string | null}>}
   */
  async #intentar(metodo, ruta, cuerpo, parametros) {
    const url = new URL(this.#origen + ruta);
    for (const [nombre, valor] of Object.entries(parametros)) {
      if (valor !== undefined && valor !== null) url.searchParams.set(nombre, String(valor));
    }
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", Authorization: `Bearer ${await this.#sesion.token()}` };
    if (cuerpo) headers["Content-Type"] = "application/json";
    let respuesta;
    try {
      respuesta = await fetch(url, {
        method: metodo,
        headers,
        body: cuerpo && JSON.stringify(cuerpo),
        credentials: "omit",
        signal: AbortSignal.timeout(PLAZO),
      });
    } catch {
      throw new ErrorMensajeria({ code: SIN_CONEXION });
    }
    const [, enlace] = respuesta.headers.get("Link")?.match(/<([^>]+)>; rel="next"/) ?? [];
    return { datos: await leerRespuesta(respuesta), siguiente: this.#cursorDe(enlace) };
  }

  /** @param {string | null | undefined} enlace */
  #cursorDe(enlace) {
    return enlace ? new URL(enlace, this.#origen).searchParams.get("cursor") : null;
  }

  /**
   * @param {string | null} [cursor]
   * @returns {Promise<{results: Conversacion[], siguiente: string | null}>}
   */
  conversaciones(cursor) {
    return this.#lista("conversaciones/", { cursor });
  }

  /**
   * @param {string} id
   * @returns {Promise<Conversacion>}
   */
  conversacion(id) {
    return this.pedir("GET", `/api/mensajeria/conversaciones/${parte(id)}/`);
  }

  /**
   * @param {NuevaConversacion} cuerpo
   * @returns {Promise<Conversacion>}
   */
  crearConversacion(cuerpo) {
    return this.pedir("POST", "/api/mensajeria/conversaciones/", { cuerpo });
  }

  /**
   * @param {string} id
   * @param {string | null} [cursor]
   * @returns {Promise<{results: Participante[], siguiente: string | null}>}
   */
  participantes(id, cursor) {
    return this.#lista(`conversaciones/${parte(id)}/participantes/`, { cursor, limite: PAGINA });
  }

  /**
   * @param {string} id
   * @param {{usuarioId: string, rol?: Rol}} cuerpo
   * @returns {Promise<Conversacion>}
   */
  agregarParticipante(id, cuerpo) {
    return this.pedir("POST", `/api/mensajeria/conversaciones/${parte(id)}/participantes/`, { cuerpo });
  }

  /**
   * @param {string} id
   * @param {string} usuarioId
   * @returns {Promise<null>}
   */
  quitarParticipante(id, usuarioId) {
    const ruta = `/api/mensajeria/conversaciones/${parte(id)}/participantes/${parte(usuarioId)}/`;
    return this.pedir("DELETE", ruta);
  }

  /**
   * @param {string} id
   * @param {{antes?: number, desdeCambio?: number, limite?: number, epoca: string}} parametros
   * @returns {Promise<{results: Mensaje[], siguiente: string | null, reiniciado: boolean}>}
   */
  mensajes(id, parametros) {
    return this.#lista(`conversaciones/${parte(id)}/mensajes/`, parametros);
  }

  /**
   * @param {string} id
   * @returns {Promise<Mensaje[]>} todos, el último en fijarse primero
   */
  async fijados(id) {
    const ruta = `/api/mensajeria/conversaciones/${parte(id)}/fijados/`;
    /** @type {Mensaje[]} */
    const todos = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {{datos: Mensaje[], siguiente: string | null}} */
      const { datos, siguiente } = await this.#insistir("GET", ruta, undefined, { cursor });
      todos.push(...datos);
      cursor = siguiente;
    } while (cursor !== null);
    return todos;
  }

  /**
   * @param {string} id
   * @returns {Promise<Mensaje>}
   */
  mensaje(id) {
    return this.pedir("GET", `/api/mensajeria/mensajes/${parte(id)}/`);
  }

  /**
   * @param {string | null} [cursor]
   * @returns {Promise<{results: Notificacion[], siguiente: string | null}>}
   */
  notificaciones(cursor) {
    return this.#lista("notificaciones/", { cursor });
  }

  /**
   * @param {string} id
   * @returns {Promise<Notificacion>}
   */
  leerNotificacion(id) {
    return this.pedir("POST", `/api/mensajeria/notificaciones/${parte(id)}/leer/`);
  }

  /** @returns {Promise<SesionAbierta[]>} la usada más recientemente, primero */
  sesiones() {
    return this.pedir("GET", "/api/mensajeria/sesiones/");
  }

  /**
   * @param {string} id
   * @returns {Promise<null>}
   */
  acabarSesion(id) {
    return this.pedir("DELETE", `/api/mensajeria/sesiones/${parte(id)}/`);
  }

  /** @returns {Promise<null>} */
  acabarLasDemasSesiones() {
    return this.pedir("DELETE", "/api/mensajeria/sesiones/");
  }

  /** @returns {Promise<null>} */
  revocar() {
    return this.pedir("POST", "/api/token/revocar/");
  }

  /**
   * `siguiente` es el cursor de la página que sigue, o `null`. Con `reiniciado`, lo que se preguntó no
   * vale: la base volvió atrás, y vino la primera página de todas.
   *
   * @template T
   * @param {string} ruta
   * @param {Parametros} parametros
   * @returns {Promise<{results: T[], siguiente: string | null, reiniciado: boolean}>}
   */
  async #lista(ruta, parametros) {
    /** @type {{results: T[], next: string | null, reiniciado?: boolean}} */
    const { results, next, reiniciado } = await this.pedir("GET", `/api/mensajeria/${ruta}`, { parametros });
    return { results, siguiente: this.#cursorDe(next), reiniciado: reiniciado ?? false };
  }
}
