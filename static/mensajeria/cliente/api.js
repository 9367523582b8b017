import { ErrorMensajeria, SIN_CONEXION } from "./errores.js";
import { leerRespuesta } from "./sesion.js";
import { trasladar } from "./traslado.js";

/**
 * @import {
 *   ArchivoSubido, Conversacion, Hallado, Mensaje, Notificacion, Participante, RecibosDeMensaje,
 * } from "./eventos.js"
 * @import { Sesion } from "./sesion.js"
 * @import { SesionAjena } from "./sesion_ajena.js"
 * @import { Filtros, NuevaConversacion, Rol, SesionAbierta, Subida } from "./tipos.js"
 *
 * @typedef {Record<string, string | number | null | undefined>} Parametros
 * @typedef {{cuerpo?: object, parametros?: Parametros}} Peticion
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
   * @param {Sesion | SesionAjena} sesion
   */
  constructor(origen, sesion) {
    this.#origen = origen;
    this.#sesion = sesion;
  }

  /**
   * @template T
   * @param {string} metodo
   * @param {string} ruta
   * @param {Peticion} [peticion]
   * @returns {Promise<T>} lo que esa ruta responde
   */
  async pedir(metodo, ruta, peticion) {
    /** @type {{datos: T}} */
    const { datos } = await this.#responder(metodo, ruta, peticion);
    return datos;
  }

  /**
   * @template T
   * @param {string} metodo
   * @param {string} ruta
   * @param {Peticion} [peticion]
   * @returns {Promise<{datos: T, siguiente: string | null}>} `siguiente`, el cursor que diga `Link`
   */
  #responder(metodo, ruta, { cuerpo, parametros = {} } = {}) {
    const url = new URL(this.#origen + ruta);
    for (const [nombre, valor] of Object.entries(parametros)) {
      if (valor !== undefined && valor !== null) url.searchParams.set(nombre, String(valor));
    }
    /** @type {Record<string, string>} */
    const cabeceras = { Accept: "application/json" };
    if (cuerpo) cabeceras["Content-Type"] = "application/json";
    return this.#insistir(async (Authorization) => {
      const headers = { ...cabeceras, Authorization };
      const respuesta = await traer(url, { method: metodo, headers, body: cuerpo && JSON.stringify(cuerpo) });
      const [, enlace] = respuesta.headers.get("Link")?.match(/<([^>]+)>; rel="next"/) ?? [];
      return { datos: await leerRespuesta(respuesta), siguiente: this.#cursorDe(enlace) };
    });
  }

  /**
   * Lo que resulte con la credencial de ahora; si el servidor la rechaza, con otra.
   *
   * @template T
   * @param {(autorizacion: string) => Promise<T>} intentar
   */
  async #insistir(intentar) {
    try {
      return await intentar(`Bearer ${await this.#sesion.token()}`);
    } catch (error) {
      if (!(error instanceof ErrorMensajeria && error.esDeIngreso)) throw error;
      await this.#sesion.renovar();
      return intentar(`Bearer ${await this.#sesion.token()}`);
    }
  }

  /**
   * @param {string} ruta
   * @returns {Promise<Blob>} los bytes de un archivo
   */
  bytes(ruta) {
    return this.#insistir(async (Authorization) => {
      const respuesta = await traer(new URL(ruta, this.#origen), { headers: { Authorization } });
      if (!respuesta.ok) await leerRespuesta(respuesta);
      return respuesta.blob();
    });
  }

  /**
   * @param {Blob} archivo
   * @param {string} nombre
   * @param {Subida} opciones
   * @returns {Promise<ArchivoSubido>}
   */
  subir(archivo, nombre, { conversacionId, idCliente, alProgresar, signal }) {
    const donde = conversacionId === undefined ? "" : `conversaciones/${parte(conversacionId)}/`;
    const url = `${this.#origen}/api/mensajeria/${donde}archivos/`;
    return this.#insistir(async (Authorization) => {
      const cuerpo = new FormData();
      if (idCliente !== undefined) cuerpo.append("idCliente", idCliente);
      cuerpo.append("archivo", archivo, nombre);
      const cabeceras = { Accept: "application/json", Authorization };
      return leerRespuesta(await trasladar(url, { cabeceras, cuerpo, alProgresar, signal }));
    });
  }

  /**
   * Pone ahí una imagen, en lugar de la que haya.
   *
   * @template T
   * @param {string} ruta
   * @param {Blob} archivo
   * @returns {Promise<T>} lo que esa ruta responde
   */
  poner(ruta, archivo) {
    return this.#insistir(async (Authorization) => {
      const body = new FormData();
      body.append("archivo", archivo, "avatar");
      const headers = { Accept: "application/json", Authorization };
      return leerRespuesta(await traer(this.#origen + ruta, { method: "PUT", headers, body }));
    });
  }

  /**
   * @param {string} id
   * @returns {Promise<ArchivoSubido>} con enlaces firmados
   */
  archivo(id) {
    return this.pedir("GET", `/api/mensajeria/archivos/${parte(id)}/`);
  }

  /**
   * @param {string} id
   * @returns {Promise<null>}
   */
  borrarArchivo(id) {
    return this.pedir("DELETE", `/api/mensajeria/archivos/${parte(id)}/`);
  }

  /** @param {string | null | undefined} enlace */
  #cursorDe(enlace) {
    return enlace ? new URL(enlace, this.#origen).searchParams.get("cursor") : null;
  }

  /**
   * @param {string | null} [cursor]
   * @param {{archivadas?: boolean}} [cuales]
   * @returns {Promise<{results: Conversacion[], siguiente: string | null}>}
   */
  conversaciones(cursor, { archivadas = false } = {}) {
    return this.#lista("conversaciones/", { cursor, archivadas: archivadas ? 1 : null });
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
      const { datos, siguiente } = await this.#responder("GET", ruta, { parametros: { cursor } });
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
   * @param {string} id
   * @returns {Promise<RecibosDeMensaje>}
   */
  recibos(id) {
    return this.pedir("GET", `/api/mensajeria/mensajes/${parte(id)}/recibos/`);
  }

  /**
   * @param {Filtros} filtros
   * @param {string | null} [cursor]
   * @returns {Promise<{results: Hallado[], siguiente: string | null}>}
   */
  buscar(filtros, cursor) {
    return this.#lista("buscar/", { ...filtros, cursor });
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

/**
 * @param {URL | string} url
 * @param {RequestInit} peticion
 */
async function traer(url, peticion) {
  try {
    return await fetch(url, { ...peticion, credentials: "omit", signal: AbortSignal.timeout(PLAZO) });
  } catch {
    throw new ErrorMensajeria({ code: SIN_CONEXION });
  }
}
