import { Emisor } from "./emisor.js";
import { comoError } from "./errores.js";
import { nuevoId } from "./ids.js";

const ESPERA = 2_000;
const MAX_INTERNOS = 3;
// Lo que se espera a que un mensaje ya guardado aparezca por sí solo en el historial.
const ESPERA_LLEGADA = 2_000;

/**
 * Los mensajes propios que aún no están en el historial. Salen en orden dentro de cada conversación,
 * de uno en uno: si el primero ha de esperar, el segundo no lo adelanta. Cada uno lleva su
 * `idCliente`, así que repetirlo no lo duplica.
 *
 * Avisa `cola` y `guardado`.
 */
export class Cola extends Emisor {
  #conexion;
  #almacen;
  #clave = "";
  /** @type {import("./tipos.js").Envio[]} */
  #envios = [];
  #promesas = new Map();
  #enCurso = new Set();

  constructor(conexion, almacen) {
    super();
    this.#conexion = conexion;
    this.#almacen = almacen;
  }

  /** Recupera lo que esa persona dejó sin enviar. */
  abrir(usuarioId) {
    this.#clave = `servitech.cola.${usuarioId}`;
    try {
      this.#envios = JSON.parse(this.#almacen?.getItem(this.#clave) ?? "[]");
    } catch {
      this.#envios = [];
    }
    for (const envio of this.#envios) if (envio.estado !== "fallido") envio.estado = "pendiente";
  }

  vaciar() {
    this.#envios = [];
    this.#promesas.clear();
  }

  /** @returns {import("./tipos.js").Envio[]} */
  de(conversacionId) {
    return this.#envios.filter((e) => e.conversacionId === conversacionId);
  }

  encolar(conversacionId, datos) {
    const creado = new Date().toISOString();
    const envio = { idCliente: nuevoId(), conversacionId, datos, estado: "pendiente", creado, error: null };
    const promesa = new Promise((bien, mal) => this.#promesas.set(envio.idCliente, { bien, mal }));
    promesa.catch(() => {});
    this.#envios.push(envio);
    this.#cambio(envio);
    this.#correr(conversacionId);
    return { envio, confirmado: promesa };
  }

  reintentar(idCliente) {
    const envio = this.#envios.find((e) => e.idCliente === idCliente);
    if (!envio || envio.estado !== "fallido") return;
    this.#pasar(envio, "pendiente");
    this.#correr(envio.conversacionId);
  }

  descartar(idCliente) {
    const envio = this.#envios.find((e) => e.idCliente === idCliente);
    if (envio && envio.estado !== "enviando") this.#quitar(envio);
  }

  /** Envía lo que espera; se llama al quedar lista la conexión. */
  seguir() {
    for (const id of new Set(this.#envios.map((e) => e.conversacionId))) this.#correr(id);
  }

  /** Estos mensajes ya están en el historial. */
  llegaron(mensajes) {
    const ids = new Set(mensajes.map((m) => m.idCliente).filter(Boolean));
    for (const envio of this.#envios.filter((e) => ids.has(e.idCliente))) this.#quitar(envio);
  }

  async #correr(conversacionId) {
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

  #siguiente(conversacionId) {
    return this.#envios.find((e) => e.conversacionId === conversacionId && e.estado === "pendiente");
  }

  /** `false` si hay que parar hasta que vuelva la conexión. */
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

  #guardado(envio, { secuencia }) {
    this.#pasar(envio, "enviado");
    const { conversacionId } = envio;
    this.avisar("guardado", { conversacionId, secuencia, tarde: false });
    setTimeout(() => {
      if (this.#envios.includes(envio)) this.avisar("guardado", { conversacionId, secuencia, tarde: true });
    }, ESPERA_LLEGADA);
  }

  async #fallo(envio, error) {
    if (error.esDeConexion || error.esDeIngreso) {
      this.#pasar(envio, "pendiente");
      return false;
    }
    envio.internos = (envio.internos ?? 0) + (error.code === "INTERNAL_ERROR" ? 1 : 0);
    const repetible = error.esPasajero || (error.code === "INTERNAL_ERROR" && envio.internos < MAX_INTERNOS);
    if (!repetible) {
      this.#promesas.get(envio.idCliente)?.mal(error);
      this.#promesas.delete(envio.idCliente);
      this.#pasar(envio, "fallido", error);
      return true;
    }
    this.#pasar(envio, "pendiente", error);
    await new Promise((seguir) => setTimeout(seguir, (error.reintentarEn ?? 0) * 1000 || ESPERA));
    return true;
  }

  #pasar(envio, estado, error = null) {
    envio.estado = estado;
    envio.error = error && { code: error.code, message: error.message, reintentarEn: error.reintentarEn };
    this.#cambio(envio);
  }

  #quitar(envio) {
    this.#envios = this.#envios.filter((e) => e !== envio);
    this.#cambio(envio);
  }

  #cambio({ conversacionId }) {
    this.#almacen?.setItem(this.#clave, JSON.stringify(this.#envios));
    this.avisar("cola", { conversacionId, envios: this.de(conversacionId) });
  }
}
