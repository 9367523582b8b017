import { declaracionDe } from "./declaracion.js";
import { Emisor } from "./emisor.js";
import { ErrorMensajeria, SESION_PERDIDA, SIN_CONEXION } from "./errores.js";

/**
 * @import { AvisosDeSesion } from "./tipos.js"
 *
 * @typedef {() => string | null | undefined | Promise<string | null | undefined>} DarToken Un token
 *   que valga ahora, o nada si ya no hay quien entre.
 */

// Como mucho, los milisegundos antes de que caduque en los que se pide otro.
const MARGEN = 30_000;

/**
 * La de quien entra con los tokens de otro sistema: se le piden a él, una vez aunque hagan falta a
 * varios, y otra cuando caducan o el servidor los rechaza. Quién es lo dice el servidor al entrar.
 *
 * Avisa `identificada` la primera vez que se sabe, y `perdida` cuando ya no hay token o es de otro.
 *
 * @extends {Emisor<AvisosDeSesion>}
 */
export class SesionAjena extends Emisor {
  /** @type {string | null} */
  usuarioId = null;
  #dar;
  /** @type {string | null} */
  #token = null;
  #hasta = 0;
  /** @type {Promise<void> | null} */
  #peticion = null;

  /** @param {DarToken} dar */
  constructor(dar) {
    super();
    this.#dar = dar;
  }

  /** No hace falta saber quién es para conectar. */
  puedeConectar() {
    return true;
  }

  /** Milisegundos hasta que conviene pedir otro. */
  get vigencia() {
    return this.#hasta - Date.now();
  }

  /** @returns {Promise<void>} */
  ingresar() {
    return Promise.reject(new Error("Con `token`, se entra con `conectar()`"));
  }

  /** Uno que vale ahora. Lanza `SESION_PERDIDA` si no lo hay, y `SIN_CONEXION` si falla pedirlo. */
  async token() {
    if (!this.#token || this.vigencia <= 0) await this.renovar();
    return /** @type {string} */ (this.#token);
  }

  /** Pide otro ya, aunque el que hay parezca vigente. */
  renovar() {
    this.#peticion ??= this.#pedir().finally(() => {
      this.#peticion = null;
    });
    return this.#peticion;
  }

  async #pedir() {
    let token;
    try {
      token = await this.#dar();
    } catch (causa) {
      const message = `No se pudo pedir un token: ${causa instanceof Error ? causa.message : causa}`;
      throw new ErrorMensajeria({ code: SIN_CONEXION, message });
    }
    if (!token) throw this.#perder(new ErrorMensajeria({ code: SESION_PERDIDA }));
    this.#token = token.replace(/^Bearer\s+/i, "");
    const { exp = Infinity, iat = 0 } = declaracionDe(this.#token);
    // De uno que dura poco, la mitad de lo que dura.
    this.#hasta = exp * 1_000 - Math.min(MARGEN, ((exp - iat) * 1_000) / 2);
  }

  /**
   * El servidor dice de quién es la conexión.
   *
   * @param {string} usuarioId
   */
  es(usuarioId) {
    if (this.usuarioId === usuarioId) return;
    if (this.usuarioId !== null) {
      const message = `El token pasó a ser de ${usuarioId}`;
      throw this.#perder(new ErrorMensajeria({ code: SESION_PERDIDA, message }));
    }
    this.usuarioId = usuarioId;
    this.avisar("identificada", usuarioId);
  }

  /** @param {ErrorMensajeria} error */
  #perder(error) {
    this.avisar("perdida", error);
    return error;
  }

  /** La acaba quien dio el token. */
  acabar() {
    this.olvidar();
  }

  olvidar() {
    this.#token = null;
    this.#hasta = 0;
    this.usuarioId = null;
  }
}
