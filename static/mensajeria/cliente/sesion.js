import { declaracionDe, usuarioDe } from "./declaracion.js";
import { Emisor } from "./emisor.js";
import { ErrorMensajeria, SESION_PERDIDA, SIN_CONEXION } from "./errores.js";

/**
 * @import { Almacen, AvisosDeSesion } from "./tipos.js"
 *
 * @typedef {{access: string, refresh: string}} Tokens
 */

const CLAVE = "servitech.sesion";
// Segundos antes de que caduque en los que un token ya se trata como caducado.
const MARGEN = 30;
const PLAZO = 15_000;

/**
 * Los tokens de una persona: los obtiene, los guarda y los renueva, una vez aunque lo pidan varios.
 * El de renovación sirve una vez: las pestañas que comparten almacén renuevan por turno, y a la que
 * tiene una copia, la que renueva se lo dice.
 *
 * Avisa `perdida` cuando ya no sirve ninguno, y `deOtra` cuando en otra pestaña se entró o se salió.
 *
 * @extends {Emisor<AvisosDeSesion>}
 */
export class Sesion extends Emisor {
  #origen;
  #almacen;
  /** @type {Promise<void> | null} */
  #renovacion = null;
  /** @type {Tokens | null} */
  #tokens = null;
  /** @type {BroadcastChannel | null} */
  #canal = null;

  /**
   * @param {string} origen
   * @param {Almacen | null} almacen
   */
  constructor(origen, almacen) {
    super();
    this.#origen = origen;
    this.#almacen = almacen;
    this.#tokens = this.#leer();
    if (almacen) this.#escucharAOtras();
  }

  #escucharAOtras() {
    this.#canal = new BroadcastChannel(CLAVE);
    this.#canal.onmessage = ({ data }) => {
      if (this.#tokens && sucede(data, this.#tokens)) this.#guardar(data);
    };
    // En Node mantendría vivo el proceso.
    /** @type {{unref?: () => void}} */ (this.#canal).unref?.();
    // Solo llega lo que cambió otra pestaña.
    globalThis.addEventListener?.("storage", ({ key, storageArea }) => {
      if (storageArea === this.#almacen && (key === CLAVE || key === null)) this.#releer();
    });
  }

  #releer() {
    const previa = this.usuarioId;
    this.#tokens = this.#leer();
    if (this.usuarioId !== previa) this.avisar("deOtra", null);
  }

  get usuarioId() {
    return this.#tokens ? usuarioDe(declaracionDe(this.#tokens.access)) : null;
  }

  puedeConectar() {
    return this.usuarioId !== null;
  }

  /** Quién es ya lo decía su token. */
  es() {}

  /** Milisegundos hasta que conviene renovar. */
  get vigencia() {
    const { exp = 0 } = this.#tokens ? declaracionDe(this.#tokens.access) : {};
    return this.#tokens ? (exp - MARGEN) * 1000 - Date.now() : 0;
  }

  /**
   * @param {string} usuario
   * @param {string} clave
   */
  async ingresar(usuario, clave) {
    this.#guardar(await this.#post("/api/token/", { username: usuario, password: clave }));
  }

  /** Un token de acceso que vale ahora. Lanza `SESION_PERDIDA` si no hay manera. */
  async token() {
    if (!this.#tokens) throw new ErrorMensajeria({ code: SESION_PERDIDA });
    if (this.vigencia <= 0) await this.renovar();
    return this.#tokens.access;
  }

  /** Renueva ya, aunque el token parezca vigente. */
  renovar() {
    this.#renovacion ??= this.#renovar().finally(() => {
      this.#renovacion = null;
    });
    return this.#renovacion;
  }

  /** @returns {Promise<void>} */
  #renovar() {
    const turnos = this.#almacen && globalThis.navigator?.locks;
    return turnos ? turnos.request(`${CLAVE}.renovar`, () => this.#renovarYa()) : this.#renovarYa();
  }

  async #renovarYa() {
    const guardados = this.#leer();
    if (guardados && this.#tokens && sucede(guardados, this.#tokens)) {
      this.#tokens = guardados;
      return;
    }
    const tokens = this.#tokens;
    if (!tokens) throw new ErrorMensajeria({ code: SESION_PERDIDA });
    try {
      const nuevos = await this.#post("/api/token/refresh/", { refresh: tokens.refresh });
      // Quien salió mientras se renovaba no vuelve a entrar.
      if (this.#tokens !== tokens) return;
      this.#guardar(nuevos);
      this.#canal?.postMessage(nuevos);
    } catch (error) {
      if (error instanceof ErrorMensajeria && error.esPasajero) throw error;
      // La renovó otra pestaña entre tanto.
      if (this.#tokens && this.#tokens !== tokens) return;
      this.olvidar();
      const perdida = new ErrorMensajeria({ code: SESION_PERDIDA });
      this.avisar("perdida", perdida);
      throw perdida;
    }
  }

  /** La acaba también en el servidor, sin esperar a que conteste: sin red se sale igual. */
  acabar() {
    if (!this.#tokens) return;
    const { access } = this.#tokens;
    const { servitechSesion: id } = declaracionDe(access);
    this.olvidar();
    if (!id) return;
    fetch(`${this.#origen}/api/mensajeria/sesiones/${encodeURIComponent(id)}/`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${access}` },
      credentials: "omit",
      keepalive: true,
    }).catch(() => {});
  }

  olvidar() {
    this.#tokens = null;
    this.#almacen?.removeItem(CLAVE);
  }

  /**
   * @param {string} ruta
   * @param {object} cuerpo
   * @returns {Promise<Tokens>}
   */
  async #post(ruta, cuerpo) {
    let respuesta;
    try {
      respuesta = await fetch(this.#origen + ruta, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(cuerpo),
        credentials: "omit",
        signal: AbortSignal.timeout(PLAZO),
      });
    } catch {
      throw new ErrorMensajeria({ code: SIN_CONEXION });
    }
    return leerRespuesta(respuesta);
  }

  /** @param {Tokens} tokens */
  #guardar(tokens) {
    this.#tokens = tokens;
    this.#almacen?.setItem(CLAVE, JSON.stringify(tokens));
  }

  /** @returns {Tokens | null} */
  #leer() {
    try {
      const tokens = JSON.parse(this.#almacen?.getItem(CLAVE) ?? "null");
      return tokens && usuarioDe(declaracionDe(tokens.access)) ? tokens : null;
    } catch {
      return null;
    }
  }
}

/**
 * El JSON de una respuesta de REST; si es una negativa, la lanza.
 *
 * @template T
 * @param {Response} respuesta
 * @returns {Promise<T>} `null` si no trae nada
 */
export async function leerRespuesta(respuesta) {
  if (respuesta.status === 204) return /** @type {T} */ (null);
  const cuerpo = await respuesta.json().catch(() => null);
  if (respuesta.ok && cuerpo !== null) return cuerpo;
  if (cuerpo?.code) throw new ErrorMensajeria(cuerpo);
  const code = respuesta.status >= 500 ? "UNAVAILABLE" : "INTERNAL_ERROR";
  throw new ErrorMensajeria({ code, message: `El servidor respondió ${respuesta.status}` });
}

/**
 * Si esos tokens son los que siguen a estos, de la misma sesión.
 *
 * @param {Tokens} otros
 * @param {Tokens} estos
 */
function sucede(otros, estos) {
  const [suyo, mio] = [declaracionDe(otros.refresh), declaracionDe(estos.refresh)];
  return suyo.servitechSesion === mio.servitechSesion && (suyo.vuelta ?? 0) > (mio.vuelta ?? 0);
}
