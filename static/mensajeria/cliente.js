/**
 * Cliente de Servitech Mensajería para el navegador (y Node 22). Sin dependencias.
 *
 *     import { ClienteMensajeria } from "/static/mensajeria/cliente.js";
 *     const cliente = new ClienteMensajeria();
 *     cliente.on("mensaje_nuevo", ({ mensaje }) => console.log(mensaje.contenido.texto));
 *     await cliente.ingresar("ana", "demo");
 *     await cliente.enviar("conv_test", "Hola").confirmado;
 *
 * La guía está en `docs/cliente.md`.
 */
import { Api } from "./cliente/api.js";
import { Cola } from "./cliente/cola.js";
import { Conexion } from "./cliente/conexion.js";
import { Emisor } from "./cliente/emisor.js";
import { ErrorMensajeria } from "./cliente/errores.js";
import { Escritura } from "./cliente/escritura.js";
import { Fichas } from "./cliente/fichas.js";
import { Paginas } from "./cliente/paginas.js";
import { Recibos } from "./cliente/recibos.js";
import { Sesion } from "./cliente/sesion.js";
import { Sincronia } from "./cliente/sincronia.js";
import { TRANSPORTES } from "./cliente/transportes.js";

export { ErrorMensajeria, TRANSPORTES };

const REENVIADOS = [
  "conversacion",
  "conversacion_quitada",
  "mensajes",
  "mensaje_nuevo",
  "escribiendo",
  "presencia",
];
const SUELTOS = ["notificacion", "resumen_actividad", "error"];

/**
 * @typedef {object} Opciones
 * @property {string} [origen] `https://servidor`; por defecto, el de la página.
 * @property {import("./cliente/tipos.js").Almacen | null} [almacen] dónde quedan los tokens y lo que no
 *   se ha enviado: `sessionStorage`, `localStorage` o algo parecido. Sin él, solo en memoria.
 * @property {keyof typeof TRANSPORTES} [transporte] la puerta; por defecto, `nativo`.
 */
export class ClienteMensajeria extends Emisor {
  #origen;
  #sesion;
  #conexion;
  #api;
  #fichas = new Fichas();
  #sincronia;
  #cola;
  #recibos;
  #escritura;
  #paginas;
  #siguientes = null;
  #listado = null;
  transporte;

  /** @param {Opciones} [opciones] */
  constructor({ origen = globalThis.location?.origin, almacen = null, transporte = "nativo" } = {}) {
    super();
    this.#origen = origen;
    this.transporte = transporte;
    this.#sesion = new Sesion(origen, almacen);
    this.#conexion = new Conexion(() => TRANSPORTES[this.transporte].crear(origen), this.#sesion);
    this.#api = new Api(origen, this.#sesion);
    this.#sincronia = new Sincronia(this.#conexion, this.#api, this.#fichas);
    this.#paginas = new Paginas(this.#api, this.#fichas);
    this.#cola = new Cola(this.#conexion, almacen);
    this.#recibos = new Recibos(this.#conexion, this.#fichas);
    this.#escritura = new Escritura(this.#conexion);
    this.#enlazar();
  }

  #enlazar() {
    for (const evento of REENVIADOS) this.#fichas.on(evento, (datos) => this.avisar(evento, datos));
    this.#fichas.on("mensajes", ({ conversacionId, mensajes }) => this.#llegaron(conversacionId, mensajes));
    this.#cola.on("cola", (datos) => this.avisar("cola", datos));
    this.#cola.on("guardado", (guardado) => this.#buscarGuardado(guardado));
    this.#conexion.on("marco", (marco) => this.avisar("marco", marco));
    this.#conexion.on("evento", (datos) => this.#recibir(datos));
    this.#conexion.on("estado", (datos) => this.#alCambiarEstado(datos));
    this.#sesion.on("perdida", (error) => this.#terminar(error));
  }

  // Sesión

  /** Quién ingresó, o `null`. */
  get usuarioId() {
    return this.#sesion.usuarioId;
  }

  /** `apagada`, `conectando`, `lista` o `esperando` (a volver a intentarlo). */
  get estado() {
    return this.#conexion.estado;
  }

  /** Ingresa con usuario y clave, y conecta. Lanza `ErrorMensajeria` si el servidor lo niega. */
  async ingresar(usuario, clave) {
    await this.#sesion.ingresar(usuario, clave);
    this.conectar();
  }

  /** Conecta con los tokens guardados; `false` si no los hay. */
  conectar() {
    if (!this.usuarioId) return false;
    this.#fichas.yo = this.usuarioId;
    this.#cola.abrir(this.usuarioId);
    this.#conexion.encender();
    this.avisar("sesion", { usuarioId: this.usuarioId });
    return true;
  }

  /** Olvida los tokens y desconecta. Con `enTodas`, ninguna otra sesión de la persona sigue abierta. */
  async salir({ enTodas = false } = {}) {
    if (enTodas) await this.#api.revocar();
    this.#terminar(null);
  }

  /** Vuelve a intentarlo ya, o comprueba que la conexión sigue viva. */
  reintentar() {
    this.#conexion.comprobar();
  }

  /** Cambia de puerta sin perder nada. */
  usarTransporte(nombre) {
    this.transporte = nombre;
    this.#conexion.reabrir(() => TRANSPORTES[nombre].crear(this.#origen));
  }

  #terminar(error) {
    this.#conexion.apagar();
    this.#sesion.olvidar();
    this.#fichas.vaciar();
    this.#cola.vaciar();
    this.#recibos.vaciar();
    this.#siguientes = this.#listado = null;
    this.avisar("sesion", { usuarioId: null, error });
  }

  // Conversaciones

  /** Las conocidas, la de actividad más reciente primero. */
  get conversaciones() {
    const orden = (a, b) => (a.fechaUltimaActividad < b.fechaUltimaActividad ? 1 : -1);
    return this.#fichas.todas.map((f) => f.conversacion).sort(orden);
  }

  /** @returns {import("./cliente/tipos.js").Conversacion | undefined} */
  conversacion(id) {
    return this.#fichas.de(id)?.conversacion;
  }

  /** Cuántos mensajes de los demás no se han leído en ella. */
  noLeidos(id) {
    return this.#fichas.de(id)?.noLeidos ?? 0;
  }

  /** Quiénes escriben en ella ahora. */
  escriben(id) {
    return [...(this.#fichas.de(id)?.escriben.keys() ?? [])];
  }

  get hayMasConversaciones() {
    return this.#siguientes !== null;
  }

  /** Lee la primera página de conversaciones; con `mas`, la que sigue. */
  async listar({ mas = false } = {}) {
    const { results, siguiente } = await this.#api.conversaciones(mas ? this.#siguientes : undefined);
    for (const forma of results) this.#fichas.ponerConversacion(forma);
    if (mas || !this.#listado) this.#siguientes = siguiente;
    this.#listado = true;
    this.avisar("conversaciones", { conversaciones: this.conversaciones });
  }

  /** Se une a ella y la deja al día. Lanza `NOT_FOUND` si no es de esta persona. */
  async abrir(id) {
    if (!this.#fichas.de(id)) this.#fichas.ponerConversacion(await this.#api.conversacion(id));
    if (this.#conexion.lista) await this.#sincronia.unirse(id);
  }

  /** @param {{participantes: {usuarioId: string, rol?: string}[], tipo?: string, asesoria?: string, configuracion?: object}} cuerpo */
  async crearConversacion(cuerpo) {
    const forma = await this.#api.crearConversacion(cuerpo);
    this.#fichas.ponerConversacion(forma);
    return forma;
  }

  async agregarParticipante(id, usuarioId, rol) {
    this.#fichas.ponerConversacion(await this.#api.agregarParticipante(id, { usuarioId, rol }));
  }

  /** Quita a alguien, o a uno mismo. */
  async quitarParticipante(id, usuarioId) {
    await this.#api.quitarParticipante(id, usuarioId);
    if (usuarioId === this.usuarioId) this.#fichas.quitar(id);
  }

  // Mensajes

  /** El de esa secuencia, si está cargado. */
  mensaje(id, secuencia) {
    return this.#fichas.de(id)?.historial.en(secuencia);
  }

  mensajePorId(id, mensajeId) {
    return this.#fichas.de(id)?.historial.porId(mensajeId);
  }

  /** Los cargados, en orden. */
  mensajes(id) {
    const historial = this.#fichas.de(id)?.historial;
    return historial ? historial.secuencias.map((s) => historial.en(s)) : [];
  }

  /** Carga los que falten entre dos secuencias, incluidas, por páginas y sin pedir dos veces lo mismo. */
  cargar(id, desde, hasta) {
    return this.#paginas.cargar(id, desde, hasta);
  }

  /** Olvida lo cargado fuera de ese tramo, si hay más de `tope`. */
  podar(id, desde, hasta, tope = 2_000) {
    const historial = this.#fichas.de(id)?.historial;
    if (!historial || historial.cuantos <= tope) return;
    historial.podar(desde, hasta, this.conversacion(id).ultimaSecuencia);
  }

  /** Un mensaje, leído ahora del servidor (con todas sus lecturas). */
  leerMensaje(mensajeId) {
    return this.#api.mensaje(mensajeId);
  }

  /**
   * Envía un texto, o lo guarda para cuando haya conexión. `confirmado` se cumple cuando el servidor
   * lo ha guardado, y falla si lo niega.
   *
   * @param {string} id
   * @param {string} texto
   * @param {{respuestaA?: string, prioridad?: import("./cliente/tipos.js").Prioridad, metadatos?: object}} [opciones]
   */
  enviar(id, texto, { respuestaA, prioridad, metadatos } = {}) {
    this.#escritura.termina();
    const datos = { contenido: { texto, metadatos }, tipo: "texto", respuestaA, prioridad };
    return this.#cola.encolar(id, datos);
  }

  /** Los propios que aún no están en el historial. */
  pendientes(id) {
    return this.#cola.de(id);
  }

  reenviar(idCliente) {
    this.#cola.reintentar(idCliente);
  }

  descartar(idCliente) {
    this.#cola.descartar(idCliente);
  }

  editar(mensajeId, texto) {
    return this.pedir("editar_mensaje", { mensajeId, texto });
  }

  eliminar(mensajeId, razon) {
    return this.pedir("eliminar_mensaje", { mensajeId, razon });
  }

  /** @param {import("./cliente/tipos.js").TipoReaccion} tipo */
  reaccionar(mensajeId, tipo) {
    return this.pedir("agregar_reaccion", { mensajeId, tipo });
  }

  quitarReaccion(mensajeId) {
    return this.pedir("quitar_reaccion", { mensajeId });
  }

  /** Se leyó hasta ese mensaje; se dice al servidor por tandas. */
  leer(id, mensaje) {
    this.#recibos.leido(id, mensaje);
  }

  /** Se está escribiendo en ella, o se dejó de escribir. */
  escribir(id, escribiendo = true) {
    if (escribiendo) this.#escritura.escribe(id);
    else this.#escritura.termina();
  }

  // Lo demás

  notificaciones() {
    return this.#api.notificaciones();
  }

  leerNotificacion(id) {
    return this.#api.leerNotificacion(id);
  }

  /** Cualquier evento del catálogo, con su respuesta. */
  pedir(evento, datos = {}) {
    return this.#conexion.pedir(evento, datos);
  }

  #recibir({ evento, datos }) {
    // Otra identidad en esta conexión (la cookie del admin, un `autenticar` a mano): se vuelve a la propia.
    if (evento === "autenticado" && datos.usuarioId !== this.usuarioId) {
      const message = `La conexión pasó a ser de ${datos.usuarioId}; se vuelve a abrir como ${this.usuarioId}`;
      this.avisar("error", new ErrorMensajeria({ code: "USER_MISMATCH", message }));
      this.#conexion.reabrir();
      return;
    }
    this.#fichas.aplicar(evento, datos);
    if (SUELTOS.includes(evento))
      this.avisar(evento, evento === "error" ? new ErrorMensajeria(datos) : datos);
    this.avisar("evento", { evento, datos });
  }

  async #alCambiarEstado(datos) {
    this.avisar("estado", datos);
    if (datos.estado !== "lista") return;
    try {
      // Primero lo perdido y lo pendiente; la lista trae después las conversaciones nuevas.
      await this.#sincronia.reanudar();
      this.#cola.seguir();
      this.#recibos.seguir();
      await this.listar();
    } catch (error) {
      if (!error.esDeConexion) this.avisar("error", error);
    }
  }

  // Un reintento tardío puede confirmarse cuando su mensaje ya estaba aquí: nada más lo anunciará.
  async #buscarGuardado({ conversacionId, secuencia, tarde }) {
    if (tarde) await this.cargar(conversacionId, secuencia, secuencia).catch(() => {});
    const mensaje = this.mensaje(conversacionId, secuencia);
    if (mensaje) this.#cola.llegaron([mensaje]);
  }

  #llegaron(conversacionId, mensajes) {
    this.#cola.llegaron(mensajes);
    this.#recibos.recibido(
      conversacionId,
      mensajes.reduce((max, m) => Math.max(max, m.secuencia), 0),
    );
  }
}
