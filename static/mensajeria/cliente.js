/**
 * Cliente de Servitech Mensajería para el navegador y Node 20 o posterior. Sin dependencias.
 *
 *     import { ClienteMensajeria } from "/static/mensajeria/cliente.js";
 *     const cliente = new ClienteMensajeria();
 *     cliente.on("mensaje_nuevo", ({ mensaje }) => console.log(mensaje.contenido.texto));
 *     await cliente.ingresar("ana", "demo");
 *     await cliente.enviar("conv_test", "Hola").confirmado;
 *
 * La guía está en `docs/cliente.md`.
 */
import { ErrorMensajeria } from "./cliente/errores.js";
import { Nucleo } from "./cliente/nucleo.js";
import { TRANSPORTES } from "./cliente/transportes.js";

/**
 * @import { EventosCliente, Mensaje, Persona } from "./cliente/eventos.js"
 * @import { Filtros, NuevaConversacion, Prioridad, Rol } from "./cliente/tipos.js"
 */

export { ErrorMensajeria, TRANSPORTES };

/** Lo que una persona hace con sus conversaciones y sus mensajes. */
export class ClienteMensajeria extends Nucleo {
  // Conversaciones

  /** @param {string} id */
  conversacion(id) {
    return this.fichas.de(id)?.conversacion;
  }

  /**
   * Cuántos mensajes de los demás no se han leído en ella.
   *
   * @param {string} id
   */
  noLeidos(id) {
    return this.fichas.de(id)?.noLeidos ?? 0;
  }

  /**
   * Quiénes escriben en ella ahora.
   *
   * @param {string} id
   */
  escriben(id) {
    return [...(this.fichas.de(id)?.escriben.keys() ?? [])];
  }

  /**
   * Se une a ella y la deja al día. Lanza `NOT_FOUND` si no es de esta persona.
   *
   * @param {string} id
   */
  async abrir(id) {
    if (!this.fichas.de(id)) this.fichas.ponerConversacion(await this.api.conversacion(id));
    const ficha = this.fichas.de(id);
    if (ficha) ficha.abierta = true;
    if (this.conexion.lista) await this.sincronia.unirse(id);
  }

  /**
   * La lee si aún no se conoce, sin unirse a ella.
   *
   * @param {string} id
   */
  async conocer(id) {
    if (!this.fichas.de(id)) this.fichas.ponerConversacion(await this.api.conversacion(id));
  }

  /** @param {NuevaConversacion} cuerpo */
  async crearConversacion(cuerpo) {
    const forma = await this.api.crearConversacion(cuerpo);
    this.fichas.ponerConversacion(forma);
    return forma;
  }

  /**
   * Las personas que se conocen de ella, por su identificador: quienes participan y quienes escriben;
   * si es numerosa, las que se han visto.
   *
   * @param {string} id
   * @returns {ReadonlyMap<string, Persona>}
   */
  personas(id) {
    return this.fichas.de(id)?.personas ?? new Map();
  }

  /**
   * Una página de sus participantes, también los que salieron; la que sigue, con `siguiente`. Hace
   * falta si es numerosa: con ella no van todos.
   *
   * @param {string} id
   * @param {string | null} [cursor]
   */
  participantes(id, cursor) {
    return this.api.participantes(id, cursor);
  }

  /**
   * @param {string} id
   * @param {string} usuarioId
   * @param {Rol} [rol]
   */
  async agregarParticipante(id, usuarioId, rol) {
    this.fichas.ponerConversacion(await this.api.agregarParticipante(id, { usuarioId, rol }));
  }

  /**
   * Quita a alguien, o a uno mismo.
   *
   * @param {string} id
   * @param {string} usuarioId
   */
  async quitarParticipante(id, usuarioId) {
    await this.api.quitarParticipante(id, usuarioId);
    if (usuarioId === this.usuarioId) this.fichas.quitar(id);
  }

  // Mensajes

  /**
   * El de esa secuencia, si está cargado.
   *
   * @param {string} id
   * @param {number} secuencia
   */
  mensaje(id, secuencia) {
    return this.fichas.de(id)?.historial.en(secuencia);
  }

  /**
   * @param {string} id
   * @param {string} mensajeId
   */
  mensajePorId(id, mensajeId) {
    return this.fichas.de(id)?.historial.porId(mensajeId);
  }

  /**
   * Los cargados, en orden.
   *
   * @param {string} id
   */
  mensajes(id) {
    return this.fichas.de(id)?.historial.todos ?? [];
  }

  /**
   * Carga los que falten entre dos secuencias, incluidas, por páginas y sin pedir dos veces lo mismo.
   *
   * @param {string} id
   * @param {number} desde
   * @param {number} hasta
   */
  cargar(id, desde, hasta) {
    return this.paginas.cargar(id, desde, hasta);
  }

  /**
   * Olvida lo cargado fuera de ese tramo, si hay más de `tope`.
   *
   * @param {string} id
   * @param {number} desde
   * @param {number} hasta
   */
  podar(id, desde, hasta, tope = 2_000) {
    const ficha = this.fichas.de(id);
    if (!ficha || ficha.historial.cuantos <= tope) return;
    ficha.historial.podar(desde, hasta, ficha.conversacion.ultimaSecuencia);
  }

  /**
   * Un mensaje, leído ahora del servidor (con todas sus lecturas).
   *
   * @param {string} mensajeId
   */
  leerMensaje(mensajeId) {
    return this.api.mensaje(mensajeId);
  }

  /**
   * Quién lo recibió y quién lo leyó, con su fecha.
   *
   * @param {string} mensajeId
   */
  recibosDe(mensajeId) {
    return this.api.recibos(mensajeId);
  }

  /**
   * Una página de los mensajes que coinciden; la que sigue, con `siguiente`.
   *
   * @param {Filtros} filtros
   * @param {string | null} [cursor]
   */
  buscar(filtros, cursor) {
    return this.api.buscar(filtros, cursor);
  }

  /**
   * Envía un texto, o lo guarda para cuando haya conexión. `confirmado` se cumple cuando el servidor
   * lo ha guardado, y falla si lo niega.
   *
   * @param {string} id
   * @param {string} texto
   * @param {{respuestaA?: string, prioridad?: Prioridad, metadatos?: Record<string, unknown>}} [opciones]
   */
  enviar(id, texto, { respuestaA, prioridad, metadatos } = {}) {
    this.escritura.termina();
    return this.cola.encolar(id, { contenido: { texto, metadatos }, tipo: "texto", respuestaA, prioridad });
  }

  /**
   * Sube un archivo y lo envía, con un texto si se quiere. `progreso` dice cuánto va y `descartar` lo
   * cancela; si se corta, se sube otra vez, y el mensaje sale una. Uno a uno, con `archivos.subir`.
   *
   * @param {string} id
   * @param {Blob} archivo un `File`, o un `Blob` con `nombre`
   * @param {{nombre?: string, texto?: string, respuestaA?: string, prioridad?: Prioridad,
   *   metadatos?: Record<string, unknown>}} [opciones]
   */
  enviarArchivo(id, archivo, { nombre, texto = "", respuestaA, prioridad, metadatos } = {}) {
    this.escritura.termina();
    return this.cola.encolar(id, { contenido: { texto, metadatos }, respuestaA, prioridad }, archivo, nombre);
  }

  /** Cuántos mensajes esperan a salir: si se cierra la página, no salen hasta que se vuelva a abrir. */
  get porSalir() {
    return this.cola.porSalir;
  }

  /** Cuántos archivos faltan por subir: si se cierra la página, se pierden. */
  get porSubir() {
    return this.cola.porSubir;
  }

  /**
   * El archivo de un envío pendiente, si se eligió en esta página.
   *
   * @param {string} idCliente
   */
  archivoPendiente(idCliente) {
    return this.cola.archivo(idCliente);
  }

  /**
   * Los propios que aún no están en el historial.
   *
   * @param {string} id
   */
  pendientes(id) {
    return this.cola.de(id);
  }

  /** @param {string} idCliente */
  reenviar(idCliente) {
    this.cola.reintentar(idCliente);
  }

  /** @param {string} idCliente */
  descartar(idCliente) {
    this.cola.descartar(idCliente);
  }

  /**
   * @param {string} mensajeId
   * @param {string} texto
   */
  editar(mensajeId, texto) {
    return this.pedir("editar_mensaje", { mensajeId, texto });
  }

  /**
   * @param {string} mensajeId
   * @param {string} [razon]
   */
  eliminar(mensajeId, razon) {
    return this.pedir("eliminar_mensaje", { mensajeId, razon });
  }

  /**
   * @param {string} mensajeId
   * @param {string} tipo una de `reacciones`
   */
  reaccionar(mensajeId, tipo) {
    return this.pedir("agregar_reaccion", { mensajeId, tipo });
  }

  /** @param {string} mensajeId */
  quitarReaccion(mensajeId) {
    return this.pedir("quitar_reaccion", { mensajeId });
  }

  /**
   * Los fijados de una conversación abierta, el último en fijarse primero.
   *
   * @param {string} id
   */
  fijados(id) {
    return this.fichas.de(id)?.historial.fijados ?? [];
  }

  /** @param {string} mensajeId */
  fijar(mensajeId) {
    return this.pedir("fijar_mensaje", { mensajeId });
  }

  /** @param {string} mensajeId */
  desfijar(mensajeId) {
    return this.pedir("desfijar_mensaje", { mensajeId });
  }

  /**
   * Se leyó hasta ese mensaje; se dice al servidor por tandas.
   *
   * @param {string} id
   * @param {Mensaje} mensaje
   */
  leer(id, mensaje) {
    this.recibos.leido(id, mensaje);
  }

  /**
   * Se está escribiendo en ella, o se dejó de escribir.
   *
   * @param {string} id
   */
  escribir(id, escribiendo = true) {
    if (escribiendo) this.escritura.escribe(id);
    else this.escritura.termina();
  }

  // Sesiones

  /** Dónde está abierta la cuenta, la usada más recientemente primero. */
  sesiones() {
    return this.api.sesiones();
  }

  /** @param {string} id */
  acabarSesion(id) {
    return this.api.acabarSesion(id);
  }

  /** Solo queda esta. */
  acabarLasDemasSesiones() {
    return this.api.acabarLasDemasSesiones();
  }

  // Lo demás

  notificaciones() {
    return this.api.notificaciones();
  }

  /** @param {string} id */
  leerNotificacion(id) {
    return this.api.leerNotificacion(id);
  }

  /**
   * Cualquier evento del catálogo, con su respuesta.
   *
   * @template {keyof EventosCliente} E
   * @param {E} evento
   * @param {EventosCliente[E]} [datos]
   */
  pedir(evento, datos = /** @type {EventosCliente[E]} */ ({})) {
    return this.conexion.pedir(evento, datos);
  }
}
