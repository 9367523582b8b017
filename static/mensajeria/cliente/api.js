import { ErrorMensajeria, SIN_CONEXION } from "./errores.js";
import { leerRespuesta } from "./sesion.js";

const PLAZO = 20_000;
const parte = encodeURIComponent;

/** REST de `/api/mensajeria/`. Si el token caducó, lo renueva y repite una vez. */
export class Api {
  #origen;
  #sesion;

  /**
   * @param {string} origen
   * @param {import("./sesion.js").Sesion} sesion
   */
  constructor(origen, sesion) {
    this.#origen = origen;
    this.#sesion = sesion;
  }

  /** @returns {Promise<any>} */
  async pedir(metodo, ruta, { cuerpo, parametros = {} } = {}) {
    try {
      return await this.#intentar(metodo, ruta, cuerpo, parametros);
    } catch (error) {
      if (!error.esDeIngreso) throw error;
      await this.#sesion.renovar();
      return this.#intentar(metodo, ruta, cuerpo, parametros);
    }
  }

  async #intentar(metodo, ruta, cuerpo, parametros) {
    const url = new URL(this.#origen + ruta);
    for (const [nombre, valor] of Object.entries(parametros)) {
      if (valor !== undefined && valor !== null) url.searchParams.set(nombre, valor);
    }
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
    return leerRespuesta(respuesta);
  }

  conversaciones(cursor) {
    return this.#lista("conversaciones/", { cursor });
  }

  conversacion(id) {
    return this.pedir("GET", `/api/mensajeria/conversaciones/${parte(id)}/`);
  }

  crearConversacion(cuerpo) {
    return this.pedir("POST", "/api/mensajeria/conversaciones/", { cuerpo });
  }

  agregarParticipante(id, cuerpo) {
    return this.pedir("POST", `/api/mensajeria/conversaciones/${parte(id)}/participantes/`, { cuerpo });
  }

  quitarParticipante(id, usuarioId) {
    const ruta = `/api/mensajeria/conversaciones/${parte(id)}/participantes/${parte(usuarioId)}/`;
    return this.pedir("DELETE", ruta);
  }

  mensajes(id, parametros) {
    return this.#lista(`conversaciones/${parte(id)}/mensajes/`, parametros);
  }

  mensaje(id) {
    return this.pedir("GET", `/api/mensajeria/mensajes/${parte(id)}/`);
  }

  notificaciones(cursor) {
    return this.#lista("notificaciones/", { cursor });
  }

  leerNotificacion(id) {
    return this.pedir("POST", `/api/mensajeria/notificaciones/${parte(id)}/leer/`);
  }

  revocar() {
    return this.pedir("POST", "/api/token/revocar/");
  }

  /** `siguiente` es el cursor de la página que sigue, o `null`. */
  async #lista(ruta, parametros) {
    const { results, next } = await this.pedir("GET", `/api/mensajeria/${ruta}`, { parametros });
    return { results, siguiente: next && new URL(next, this.#origen).searchParams.get("cursor") };
  }
}
