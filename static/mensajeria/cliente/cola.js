import { nombreDe } from "./archivos.js";
import { Emisor } from "./emisor.js";
import { ARCHIVO_PERDIDO, CANCELADO, comoError, ErrorMensajeria } from "./errores.js";
import { nuevoId } from "./ids.js";
import { Legado } from "./legado.js";
import { faltaSubir, Subidas } from "./subidas.js";

/**
 * @import { Archivos } from "./archivos.js"
 * @import { Conexion } from "./conexion.js"
 * @import { EventosServidor, Mensaje } from "./eventos.js"
 * @import { Almacen, AvisosDeCola, Envio } from "./tipos.js"
 *
 * @typedef {EventosServidor["mensaje_enviado"]} Acuse
 * @typedef {{bien: (acuse: Acuse) => void, mal: (error: ErrorMensajeria) => void}} Promesa
 */

const ESPERA = 2_000;
const MAX_INTERNOS = 3;
// Lo que se espera a que un mensaje ya guardado aparezca por sí solo en el historial.
const ESPERA_LLEGADA = 2_000;

/**
 * Los mensajes propios que aún no están en el historial. Salen en orden dentro de cada conversación,
 * de uno en uno: si el primero ha de esperar, el segundo no lo adelanta. Solo un archivo que aún se
 * sube deja pasar a los textos que se escribieron después; a otros archivos, no. Cada uno lleva su
 * `idCliente`, así que repetirlo no lo duplica.
 *
 * Avisa `cola`, `progreso` y `guardado`.
 *
 * @extends {Emisor<AvisosDeCola>}
 */
export class Cola extends Emisor {
  #conexion;
  #almacen;
  /** @type {Legado | null} */
  #legado = null;
  /** @type {Envio[]} */
  #envios = [];
  /** @type {Map<string, Promesa>} */
  #promesas = new Map();
  /** @type {Set<string>} */
  #enCurso = new Set();
  #subidas;

  /**
   * @param {Conexion} conexion
   * @param {Archivos} archivos
   * @param {Almacen | null} almacen
   */
  constructor(conexion, archivos, almacen) {
    super();
    this.#conexion = conexion;
    this.#almacen = almacen;
    this.#subidas = new Subidas(archivos, {
      pasar: (envio, estado, error) => this.#alSubir(envio, estado, error),
      progresar: ({ conversacionId, idCliente }, fraccion) =>
        this.avisar("progreso", { conversacionId, idCliente, fraccion }),
    });
  }

  /**
   * Recupera lo que esa persona dejó sin enviar, también en una pestaña que se cerró.
   *
   * @param {string} usuarioId
   */
  abrir(usuarioId) {
    this.#legado?.soltar();
    this.#legado = new Legado(`servitech.cola.${usuarioId}`, this.#almacen, (texto) => this.#heredar(texto));
  }

  /** @param {string} texto */
  #heredar(texto) {
    /** @type {Envio[]} */
    let envios = [];
    try {
      envios = JSON.parse(texto);
    } catch {}
    for (const envio of envios) if (envio.estado !== "fallido") envio.estado = "pendiente";
    this.#envios = [...envios, ...this.#envios];
    for (const envio of envios) this.#cambio(envio);
    for (const id of new Set(envios.map((e) => e.conversacionId))) this.#correr(id);
  }

  /** Se acabó la sesión. Con `borrar`, nada queda guardado para cuando la persona vuelva. */
  vaciar({ borrar = false } = {}) {
    this.#legado?.soltar({ borrar });
    this.#legado = null;
    this.#envios = [];
    this.#promesas.clear();
    this.#subidas.vaciar();
  }

  /** Cuántos esperan a salir; los que ya se negaron, no. */
  get porSalir() {
    return this.#envios.filter((e) => e.estado !== "fallido" && e.estado !== "enviado").length;
  }

  /** Cuántos archivos faltan por subir. */
  get porSubir() {
    return this.#envios.filter((e) => e.estado !== "fallido" && faltaSubir(e)).length;
  }

  /**
   * El archivo de un envío, si se eligió en esta página.
   *
   * @param {string} idCliente
   */
  archivo(idCliente) {
    return this.#subidas.blob(idCliente);
  }

  /** @param {string} conversacionId */
  de(conversacionId) {
    return this.#envios.filter((e) => e.conversacionId === conversacionId);
  }

  /**
   * @param {string} conversacionId
   * @param {Envio["datos"]} datos
   * @param {Blob} [blob] el archivo que lleva, por subir
   */
  encolar(conversacionId, datos, blob, nombre = blob && nombreDe(blob)) {
    const creado = new Date().toISOString();
    /** @type {Envio} */
    const envio = { idCliente: nuevoId(), conversacionId, datos, estado: "pendiente", creado, error: null };
    if (blob && nombre !== undefined) {
      envio.archivo = { nombre, tamano: blob.size, tipo: blob.type };
      this.#subidas.guardar(envio.idCliente, blob);
    }
    /** @type {Promise<Acuse>} */
    const promesa = new Promise((bien, mal) => this.#promesas.set(envio.idCliente, { bien, mal }));
    promesa.catch(() => {});
    this.#envios.push(envio);
    this.#cambio(envio);
    this.#correr(conversacionId);
    return { envio, confirmado: promesa };
  }

  /** @param {string} idCliente */
  reintentar(idCliente) {
    const envio = this.#envios.find((e) => e.idCliente === idCliente);
    if (!envio || envio.estado !== "fallido") return;
    this.#pasar(envio, "pendiente");
    this.#correr(envio.conversacionId);
  }

  /** @param {string} idCliente */
  descartar(idCliente) {
    const envio = this.#envios.find((e) => e.idCliente === idCliente);
    if (!envio || envio.estado === "enviando") return;
    this.#subidas.cancelar(envio);
    this.#negar(envio, new ErrorMensajeria({ code: CANCELADO }));
    this.#quitar(envio);
    // Otros archivos podían estar esperándolo.
    this.#correr(envio.conversacionId);
  }

  /**
   * La base volvió atrás: lo que se dio por guardado puede haberse perdido, y se repite.
   *
   * @param {string} conversacionId
   */
  reiniciar(conversacionId) {
    for (const envio of this.de(conversacionId)) if (envio.estado === "enviado") this.#pasar(envio, "pendiente");
    this.#correr(conversacionId);
  }

  /** Envía lo que espera; se llama al quedar lista la conexión. */
  seguir() {
    this.#subidas.seguir();
    for (const id of new Set(this.#envios.map((e) => e.conversacionId))) this.#correr(id);
  }

  /**
   * Estos mensajes ya están en el historial.
   *
   * @param {Mensaje[]} mensajes
   */
  llegaron(mensajes) {
    const ids = new Set(mensajes.map((m) => m.idCliente));
    for (const envio of this.#envios.filter((e) => ids.has(e.idCliente))) this.#quitar(envio);
  }

  /**
   * Lo que le pasa a la subida de un envío; si ya se descartó, solo deja sitio a otra.
   *
   * @param {Envio} envio
   * @param {Envio["estado"]} estado
   * @param {ErrorMensajeria | null} [error]
   */
  #alSubir(envio, estado, error) {
    if (this.#envios.includes(envio)) {
      if (estado === "fallido" && error) this.#negar(envio, error);
      this.#pasar(envio, estado, error);
    }
    this.#correr(envio.conversacionId);
  }

  /** @param {string} conversacionId */
  async #correr(conversacionId) {
    this.#subidas.correr(this.#envios);
    if (this.#enCurso.has(conversacionId)) return;
    this.#enCurso.add(conversacionId);
    try {
      for (let envio; this.#conexion.lista && (envio = this.#siguiente(conversacionId));) {
        if (!(await this.#enviar(envio))) break;
      }
    } finally {
      this.#enCurso.delete(conversacionId);
    }
    // Pudo quedar lista otra vez mientras el último envío fallaba.
    if (this.#conexion.lista && this.#siguiente(conversacionId)) this.#correr(conversacionId);
  }

  /** @param {string} conversacionId */
  #siguiente(conversacionId) {
    const vivos = this.de(conversacionId).filter((e) => e.estado !== "fallido");
    const subiendo = vivos.findIndex(faltaSubir);
    const puede = (/** @type {Envio} */ e, /** @type {number} */ i) =>
      e.estado === "pendiente" && !faltaSubir(e) && (subiendo < 0 || i < subiendo || !e.archivo);
    return vivos.find(puede);
  }

  /**
   * `false` si hay que parar hasta que vuelva la conexión.
   *
   * @param {Envio} envio
   */
  async #enviar(envio) {
    this.#pasar(envio, "enviando");
    const { conversacionId, datos, idCliente } = envio;
    try {
      const acuse = await this.#conexion.pedir("enviar_mensaje", { ...datos, conversacionId, idCliente });
      this.#promesas.get(idCliente)?.bien(acuse);
      this.#promesas.delete(idCliente);
      if (this.#envios.includes(envio)) this.#guardado(envio, acuse);
      return true;
    } catch (causa) {
      return this.#fallo(envio, comoError(causa));
    }
  }

  /**
   * @param {Envio} envio
   * @param {Acuse} acuse
   */
  #guardado(envio, { secuencia }) {
    this.#pasar(envio, "enviado");
    const { conversacionId } = envio;
    this.avisar("guardado", { conversacionId, secuencia, tarde: false });
    setTimeout(() => {
      if (this.#envios.includes(envio)) this.avisar("guardado", { conversacionId, secuencia, tarde: true });
    }, ESPERA_LLEGADA);
  }

  /**
   * @param {Envio} envio
   * @param {ErrorMensajeria} error
   */
  async #fallo(envio, error) {
    if (error.esDeConexion || error.esDeIngreso) {
      this.#pasar(envio, "pendiente");
      return false;
    }
    if (error.code === "NOT_FOUND" && error.campo?.startsWith("contenido.archivo"))
      return this.#sinArchivo(envio, error);
    envio.internos = (envio.internos ?? 0) + (error.code === "INTERNAL_ERROR" ? 1 : 0);
    const repetible = error.esPasajero || (error.code === "INTERNAL_ERROR" && envio.internos < MAX_INTERNOS);
    if (!repetible) return this.#fallar(envio, error);
    this.#pasar(envio, "pendiente", error);
    await new Promise((seguir) => setTimeout(seguir, (error.reintentarEn ?? 0) * 1000 || ESPERA));
    return true;
  }

  /**
   * Lo que se subió ya no está en el servidor: se sube otra vez, si se tiene.
   *
   * @param {Envio} envio
   * @param {ErrorMensajeria} error
   */
  #sinArchivo(envio, error) {
    if (!this.#subidas.repetir(envio))
      return this.#fallar(envio, envio.archivo ? new ErrorMensajeria({ code: ARCHIVO_PERDIDO }) : error);
    this.#pasar(envio, "pendiente");
    this.#subidas.correr(this.#envios);
    return true;
  }

  /**
   * @param {Envio} envio
   * @param {ErrorMensajeria} error
   */
  #fallar(envio, error) {
    this.#negar(envio, error);
    this.#pasar(envio, "fallido", error);
    return true;
  }

  /**
   * @param {Envio} envio
   * @param {ErrorMensajeria} error
   */
  #negar({ idCliente }, error) {
    this.#promesas.get(idCliente)?.mal(error);
    this.#promesas.delete(idCliente);
  }

  /**
   * @param {Envio} envio
   * @param {Envio["estado"]} estado
   * @param {ErrorMensajeria | null} [error]
   */
  #pasar(envio, estado, error = null) {
    envio.estado = estado;
    envio.error = error && conHora(error);
    this.#cambio(envio);
  }

  /** @param {Envio} envio */
  #quitar(envio) {
    this.#envios = this.#envios.filter((e) => e !== envio);
    this.#subidas.soltar(envio.idCliente);
    this.#cambio(envio);
  }

  /** @param {Envio} envio */
  #cambio({ conversacionId }) {
    this.#legado?.guardar(this.#envios.length ? JSON.stringify(this.#envios) : null);
    this.avisar("cola", { conversacionId, envios: this.de(conversacionId) });
  }
}

/**
 * Lo que se guarda de un error: `reintentarA`, cuándo se volverá a intentar.
 *
 * @param {ErrorMensajeria} error
 */
function conHora({ code, message, reintentarEn }) {
  return { code, message, reintentarEn, reintentarA: reintentarEn && Date.now() + reintentarEn * 1000 };
}
