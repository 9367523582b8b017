import { Ajustes } from "./ajustes.js";
import { Api } from "./api.js";
import { Archivos } from "./archivos.js";
import { Cola } from "./cola.js";
import { Conexion } from "./conexion.js";
import { Emisor } from "./emisor.js";
import { ErrorMensajeria } from "./errores.js";
import { Escritura } from "./escritura.js";
import { Fichas } from "./fichas.js";
import { Gente } from "./gente.js";
import { MisAvisos } from "./mis_avisos.js";
import { Paginas } from "./paginas.js";
import { Recibos } from "./recibos.js";
import { Sesion } from "./sesion.js";
import { SesionAjena } from "./sesion_ajena.js";
import { Sincronia } from "./sincronia.js";
import { laDeFabrica, TRANSPORTES } from "./transportes.js";

/**
 * @import { Conversacion, EventosCliente, Mensaje } from "./eventos.js"
 * @import { DarToken } from "./sesion_ajena.js"
 * @import {
 *   Almacen, Avisos, AvisosDeCola, AvisosDeConexion, AvisosDeFichas, AvisosDeSesion, EventoRecibido,
 * } from "./tipos.js"
 */

/** @type {(keyof AvisosDeFichas)[]} */
const REENVIADOS = [
  "conversacion",
  "conversacion_quitada",
  "reiniciada",
  "mensajes",
  "mensaje_nuevo",
  "escribiendo",
  "presencia",
];

/**
 * @typedef {object} Opciones
 * @property {string} [url] `https://servidor`, o `https://servidor/chat` si lleva prefijo; por
 *   defecto, el servidor de la página, sin él.
 * @property {string} [origen] lo mismo que `url`.
 * @property {DarToken} [token] para entrar con los tokens de otro sistema: da uno que valga. Se llama
 *   otra vez cuando va a caducar o el servidor lo rechaza. Con él no se usa `ingresar`.
 * @property {Almacen | null} [almacen] dónde quedan los tokens y lo que no se ha enviado:
 *   `sessionStorage`, `localStorage` o algo parecido. Sin él, solo en memoria.
 * @property {keyof typeof TRANSPORTES} [transporte] la puerta; por defecto, `nativo`, o `sondeo` donde
 *   no hay WebSocket.
 */

/**
 * La dirección del servidor, sin barras al final.
 *
 * @param {string | undefined} origen
 */
function sitio(origen) {
  // Fuera de un navegador no hay ninguno; el de una página abierta desde el disco es «null».
  if (origen && /^https?:\/\/./.test(origen)) return origen.replace(/\/+$/, "");
  throw new TypeError(
    `Falta dónde está el servidor, en \`url\` y con http:// o https:// (dice ${JSON.stringify(origen)}): ` +
      'new ClienteMensajeria({ url: "http://localhost:3000" })',
  );
}

/**
 * Las piezas del cliente y cómo se enlazan: quién ingresó, su conexión y lo que llega por ella.
 *
 * @extends {Emisor<Avisos>}
 */
export class Nucleo extends Emisor {
  #origen;
  /** @protected */
  sesion;
  /** @protected */
  conexion;
  /** @protected */
  api;
  /** @protected */
  fichas = new Fichas();
  /** @protected */
  sincronia;
  /** @protected */
  cola;
  /** @protected */
  recibos;
  /** @protected */
  escritura;
  /** @protected */
  paginas;
  /** @type {string | null} el cursor de la página que sigue */
  #siguientes = null;
  #listado = false;
  transporte;
  /** Los archivos de los mensajes: subirlos, verlos y traer sus bytes. */
  archivos;
  /** Las personas a las que se puede escribir, y el perfil propio. */
  gente;
  /** Lo que se cambia de una conversación: para todos, o solo para uno. */
  ajustes;
  /** Qué se le avisa a esta persona, por dónde y en qué dispositivos. */
  avisos;
  /** @type {EventosCliente["visibilidad"]} */
  #aLaVista = { visible: true };

  /** @param {Opciones} [opciones] */
  constructor({
    url = globalThis.location?.origin,
    origen = url,
    token,
    almacen = null,
    transporte = laDeFabrica(),
  } = {}) {
    super();
    origen = sitio(origen);
    this.#origen = origen;
    this.transporte = transporte;
    this.sesion = token ? new SesionAjena(token) : new Sesion(origen, almacen);
    this.conexion = new Conexion(() => TRANSPORTES[this.transporte].crear(origen), this.sesion);
    this.api = new Api(origen, this.sesion);
    this.sincronia = new Sincronia(this.conexion, this.api, this.fichas);
    this.paginas = new Paginas(this.api, this.fichas);
    this.archivos = new Archivos(origen, this.api);
    this.gente = new Gente(this.api);
    this.ajustes = new Ajustes(this.api, this.fichas);
    this.avisos = new MisAvisos(this.api);
    this.cola = new Cola(this.conexion, this.archivos, almacen);
    this.recibos = new Recibos(this.conexion, this.fichas);
    this.escritura = new Escritura(this.conexion);
    this.#enlazar();
  }

  #enlazar() {
    for (const evento of REENVIADOS) this.fichas.on(evento, (datos) => this.avisar(evento, datos));
    this.fichas.on("mensajes", ({ conversacionId, mensajes }) => this.#llegaron(conversacionId, mensajes));
    this.fichas.on("reiniciada", ({ conversacionId }) => {
      this.recibos.olvidar(conversacionId);
      this.cola.reiniciar(conversacionId);
    });
    this.cola.on("cola", (datos) => this.avisar("cola", datos));
    this.cola.on("progreso", (datos) => this.avisar("progreso", datos));
    this.cola.on("guardado", (guardado) => this.#buscarGuardado(guardado));
    this.conexion.on("marco", (marco) => this.avisar("marco", marco));
    this.conexion.on("evento", (datos) => this.#recibir(datos));
    this.conexion.on("estado", (datos) => this.#alCambiarEstado(datos));
    /** @type {Emisor<AvisosDeSesion>} */
    const sesion = this.sesion;
    sesion.on("perdida", (error) => this.#terminar(error));
    sesion.on("deOtra", () => this.#seguirALaOtra());
    sesion.on("identificada", (usuarioId) => {
      this.#prepararPara(usuarioId);
      this.avisar("sesion", { usuarioId });
    });
  }

  // Sesión

  /** Quién ingresó, o `null`. */
  get usuarioId() {
    return this.sesion.usuarioId;
  }

  /** `apagada`, `conectando`, `lista` o `esperando` (a volver a intentarlo). */
  get estado() {
    return this.conexion.estado;
  }

  /** Con las que se puede reaccionar; ninguna hasta que conecta por primera vez. */
  get reacciones() {
    return this.conexion.reacciones;
  }

  /**
   * Ingresa con usuario y clave, y conecta. Lanza `ErrorMensajeria` si el servidor lo niega.
   *
   * @param {string} usuario
   * @param {string} clave
   */
  async ingresar(usuario, clave) {
    await this.sesion.ingresar(usuario, clave);
    this.conectar();
  }

  /** Conecta con los tokens guardados, o con el que den; `false` si no los hay. */
  conectar() {
    if (!this.sesion.puedeConectar()) return false;
    const { usuarioId } = this;
    if (usuarioId) this.#prepararPara(usuarioId);
    this.conexion.encender();
    if (usuarioId) this.avisar("sesion", { usuarioId });
    return true;
  }

  /** @param {string} usuarioId */
  #prepararPara(usuarioId) {
    this.fichas.yo = usuarioId;
    this.cola.abrir(usuarioId);
  }

  /** Acaba esta sesión y desconecta. Con `enTodas`, ninguna otra de la persona sigue abierta. */
  async salir({ enTodas = false } = {}) {
    if (enTodas) await this.api.revocar();
    else this.sesion.acabar();
    this.cola.vaciar({ borrar: true });
    this.#terminar(null);
  }

  /** En otra pestaña se entró, se salió, o entró otra persona: aquí también. */
  #seguirALaOtra() {
    if (this.conexion.estado !== "apagada") this.#desconectar(null, { deOtra: true });
    this.conectar();
  }

  /** Vuelve a intentarlo ya, o comprueba que la conexión sigue viva. */
  reintentar() {
    this.conexion.comprobar();
  }

  /**
   * Si la página se ve y qué conversación enseña: de lo que no se ve se avisa por los demás canales.
   * Mientras no se diga, se ven todas.
   *
   * @param {boolean} visible
   * @param {string | null} [conversacionId] `null`, ninguna
   */
  ponerALaVista(visible, conversacionId) {
    const antes = this.#aLaVista;
    const ensena = visible ? conversacionId : undefined;
    if (visible === antes.visible && ensena === antes.conversacionId) return;
    this.#aLaVista = ensena === undefined ? { visible } : { visible, conversacionId: ensena };
    if (this.conexion.lista) this.#decirSiSeVe();
  }

  #decirSiSeVe() {
    this.conexion.pedir("visibilidad", this.#aLaVista).catch(() => {});
  }

  /**
   * Cambia de puerta sin perder nada.
   *
   * @param {keyof typeof TRANSPORTES} nombre
   */
  usarTransporte(nombre) {
    this.transporte = nombre;
    this.conexion.reabrir(() => TRANSPORTES[nombre].crear(this.#origen));
  }

  /** @param {ErrorMensajeria | null} error */
  #terminar(error) {
    this.sesion.olvidar();
    this.#desconectar(error);
  }

  /**
   * @param {ErrorMensajeria | null} error
   * @param {{deOtra?: boolean}} [como]
   */
  #desconectar(error, { deOtra = false } = {}) {
    this.conexion.apagar();
    this.fichas.vaciar();
    this.cola.vaciar();
    this.archivos.olvidar();
    this.recibos.vaciar();
    this.#siguientes = null;
    this.#listado = false;
    this.avisar("sesion", { usuarioId: null, error, deOtra });
  }

  // Al día

  /** Las conocidas: las ancladas primero, y la de actividad más reciente antes. */
  get conversaciones() {
    const anclada = (/** @type {Conversacion} */ c) => Number(c.preferencias?.anclada ?? false);
    return this.fichas.todas
      .map((f) => f.conversacion)
      .sort(
        (a, b) => anclada(b) - anclada(a) || (a.fechaUltimaActividad < b.fechaUltimaActividad ? 1 : -1),
      );
  }

  get hayMasConversaciones() {
    return this.#siguientes !== null;
  }

  /** Lee la primera página de conversaciones; con `mas`, la que sigue. */
  async listar({ mas = false } = {}) {
    const { results, siguiente } = await this.api.conversaciones(mas ? this.#siguientes : undefined);
    for (const forma of results) this.fichas.ponerConversacion(forma);
    if (mas || !this.#listado) this.#siguientes = siguiente;
    this.#listado = true;
    this.avisar("conversaciones", { conversaciones: this.conversaciones });
  }

  /** Lee las archivadas, que no van con las demás. */
  async listarArchivadas() {
    /** @type {string | null | undefined} */
    let cursor;
    do {
      const { results, siguiente } = await this.api.conversaciones(cursor, { archivadas: true });
      for (const forma of results) this.fichas.ponerConversacion(forma);
      cursor = siguiente;
    } while (cursor);
  }

  /** @param {EventoRecibido} marco */
  #recibir(marco) {
    const { evento, datos } = marco;
    // Otra identidad en esta conexión (la cookie del admin, un `autenticar` a mano): se vuelve a la propia.
    if (evento === "autenticado" && datos.usuarioId !== this.usuarioId) {
      const message = `La conexión pasó a ser de ${datos.usuarioId}; se vuelve a abrir como ${this.usuarioId}`;
      this.avisar("error", new ErrorMensajeria({ code: "USER_MISMATCH", message }));
      this.conexion.reabrir();
      return;
    }
    this.fichas.aplicar(evento, datos);
    if (evento === "error") this.avisar("error", new ErrorMensajeria(datos));
    else if (evento === "epoca_cambiada") this.sincronia.cambiarDeEpoca(datos.epoca);
    else if (evento === "notificacion") this.avisar("notificacion", datos);
    else if (evento === "notificaciones_leidas") this.avisar("notificaciones_leidas", datos);
    else if (evento === "avisos_actualizados") this.avisar("avisos_actualizados", datos);
    else if (evento === "resumen_actividad") this.avisar("resumen_actividad", datos);
    this.avisar("evento", marco);
  }

  /** @param {AvisosDeConexion["estado"]} datos */
  async #alCambiarEstado(datos) {
    this.avisar("estado", datos);
    if (datos.estado !== "lista") return;
    // Antes de unirse a ninguna: quien vuelve a conectar escondido no la mira.
    if (!this.#aLaVista.visible || this.#aLaVista.conversacionId !== undefined) this.#decirSiSeVe();
    try {
      // Primero lo perdido y lo pendiente; la lista trae después las conversaciones nuevas.
      await this.sincronia.reanudar();
      this.cola.seguir();
      this.recibos.seguir();
      await this.listar();
    } catch (causa) {
      const error = /** @type {ErrorMensajeria} */ (causa);
      if (!error.esDeConexion) this.avisar("error", error);
    }
  }

  /**
   * Un reintento tardío puede confirmarse cuando su mensaje ya estaba aquí: nada más lo anunciará.
   *
   * @param {AvisosDeCola["guardado"]} guardado
   */
  async #buscarGuardado({ conversacionId, secuencia, tarde }) {
    if (tarde) await this.paginas.cargar(conversacionId, secuencia, secuencia).catch(() => {});
    const mensaje = this.fichas.de(conversacionId)?.historial.en(secuencia);
    if (mensaje) this.cola.llegaron([mensaje]);
  }

  /**
   * @param {string} conversacionId
   * @param {Mensaje[]} mensajes
   */
  #llegaron(conversacionId, mensajes) {
    this.cola.llegaron(mensajes);
    this.recibos.recibido(
      conversacionId,
      mensajes.reduce((max, m) => Math.max(max, m.secuencia), 0),
    );
  }
}
