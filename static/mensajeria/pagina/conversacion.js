import { avatarDeConversacion } from "./avatar.js";
import { avisarError, conAviso } from "./avisos.js";
import { abrirDialogo } from "./dialogos.js";
import { abrirDetalles } from "./detalles.js";
import { porFotograma, porId } from "./dom.js";
import { Fijados } from "./fijados.js";
import { Hilo } from "./hilo.js";
import { enLista, t, tn } from "./idioma.js";
import { abrirMensaje } from "./informacion.js";
import { descargar, esSubido } from "./medios.js";
import { abrirMenu } from "./menu.js";
import { Pendientes } from "./pendientes.js";
import { personasDe } from "./personas.js";
import { opcionesDeReaccion } from "./reacciones.js";
import { Redactor } from "./redactor.js";
import { ErrorMensajeria } from "../cliente.js";
import { aislado, enPalabras, nombreDe, otrosDe, tituloDe } from "./textos.js";
import { presenciaDe } from "./ultima_vez.js";
import { Visor } from "./visor.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje } from "../cliente/eventos.js"
 * @import { Grupo, Opcion } from "./menu.js"
 * @import { Personas } from "./personas.js"
 */

const PLAZO_EDITAR = 15 * 60_000;

/** La conversación abierta: cabecera, hilo y redactor. */
export class VistaConversacion {
  #cliente;
  #hilo;
  #redactor;
  #fijados;
  #pendientes;
  #visor;
  /** @type {string | null} */
  #id = null;
  /** @type {Mensaje | null} */
  #eliminando = null;
  #pintar = porFotograma(() => this.#cabecera());

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    this.#cliente = cliente;
    this.#hilo = new Hilo(cliente, {
      menu: (mensaje, boton) => this.#menu(mensaje, boton),
      reaccionar: (mensaje, tipo) => this.#reaccionar(mensaje, tipo),
      ver: (mensaje) => this.#ver(mensaje),
      fallo: avisarError,
    });
    this.#visor = new Visor(cliente, {
      volver: (id, secuencia) => id === this.#id && this.#hilo.enfocarArchivo(secuencia),
      irA: (mensajeId) => this.#hilo.irA(mensajeId),
    });
    this.#pendientes = new Pendientes(cliente);
    this.#redactor = new Redactor(cliente, {
      alEnviar: {
        editar: (mensaje, texto) => conAviso(cliente.editar(mensaje._id, texto)),
        enviado: () => this.#hilo.seguirElFinal(),
      },
      editarUltimo: () => this.#editableUltimo(),
    });
    this.#fijados = new Fijados(cliente, (mensajeId) => this.#hilo.irA(mensajeId));
    this.#escuchar();
  }

  get id() {
    return this.#id;
  }

  /** La que alguien tiene ahora delante, o `null`. */
  get mirada() {
    return document.visibilityState === "visible" && document.hasFocus() ? this.#id : null;
  }

  #escuchar() {
    this.#cliente.on("conversacion", ({ conversacion }) => {
      if (conversacion._id === this.#id) this.#pintar();
    });
    this.#cliente.on("escribiendo", ({ conversacionId }) => {
      if (conversacionId === this.#id) this.#pintar();
    });
    this.#cliente.on("mensajes", ({ conversacionId, mensajes }) => {
      if (conversacionId === this.#id) this.#redactor.alCambiar(mensajes);
    });
    this.#cliente.on("cola", ({ conversacionId }) => {
      if (conversacionId === this.#id) this.#pintarPendientes(conversacionId);
    });
    this.#cliente.on("conversacion_quitada", ({ conversacionId }) => {
      if (conversacionId === this.#id) this.#falta(t("Ya no participas en esta conversación."));
    });
    this.#cliente.on("reiniciada", ({ conversacionId }) => {
      if (conversacionId !== this.#id || porId("conversacion").hidden) return;
      this.#fijados.abrir(conversacionId);
      this.#hilo.abrir(conversacionId);
    });
    porId("abrir-detalles").addEventListener("click", () => this.#id !== null && abrirDetalles(this.#id));
    porId("formulario-eliminar").addEventListener("submit", (evento) => {
      evento.preventDefault();
      this.#eliminar();
    });
  }

  /**
   * Muestra una conversación; `null`, ninguna.
   *
   * @param {string | null} id
   */
  async abrir(id) {
    this.#visor.cerrar();
    this.#id = id;
    porId("mensajeria").classList.toggle("con-conversacion", id !== null);
    if (id === null) return this.sinElegir();
    if (this.#cliente.conversacion(id)) this.#mostrar(id);
    else this.#vacia(t("Abriendo la conversación…"), "");
    try {
      await this.#cliente.abrir(id);
    } catch (error) {
      const deConexion = error instanceof ErrorMensajeria && error.esDeConexion;
      if (id !== this.#id || (deConexion && this.#cliente.conversacion(id))) return;
      return this.#falta(enPalabras(error));
    }
    if (id === this.#id && porId("conversacion").hidden) this.#mostrar(id);
  }

  /**
   * Lleva a la vista un mensaje de la que está abierta, y da su fila.
   *
   * @param {string} mensajeId
   */
  irA(mensajeId) {
    return this.#hilo.irA(mensajeId);
  }

  /** @param {string} id */
  #mostrar(id) {
    porId("sin-conversacion").hidden = true;
    porId("conversacion").hidden = false;
    porId("escriben").textContent = "";
    this.#cabecera();
    this.#redactor.abrir(id);
    this.#fijados.abrir(id);
    this.#hilo.abrir(id);
    this.#pintarPendientes(id);
    if (matchMedia("(pointer: coarse)").matches || porId("redactor").hidden) porId("titulo").focus();
    else this.#redactor.enfocar();
  }

  /** Nada abierto: si no hay ninguna conversación, ofrece empezar una. */
  sinElegir(ninguna = false) {
    if (ninguna) this.#vacia(t("Aún no tienes conversaciones"), t("Empieza una con quien quieras."));
    else this.#vacia(t("Elige una conversación"), t("Tus mensajes aparecerán aquí."));
    porId("sin-nueva").hidden = !ninguna;
  }

  /**
   * @param {string} titulo
   * @param {string} texto
   */
  #vacia(titulo, texto, volver = false) {
    porId("conversacion").hidden = true;
    porId("sin-conversacion").hidden = false;
    porId("sin-titulo").textContent = titulo;
    porId("sin-texto").textContent = texto;
    porId("sin-volver").hidden = !volver;
    porId("sin-nueva").hidden = true;
    this.#hilo.cerrar();
  }

  /** @param {string} texto */
  #falta(texto) {
    this.#vacia(t("No se puede abrir"), texto, true);
  }

  get #conversacion() {
    return this.#id === null ? undefined : this.#cliente.conversacion(this.#id);
  }

  #cabecera() {
    const conversacion = this.#conversacion;
    if (!conversacion) return;
    const yo = this.#cliente.usuarioId;
    porId("titulo").replaceChildren(
      Object.assign(document.createElement("bdi"), { textContent: tituloDe(conversacion, yo) }),
    );
    porId("avatar-conversacion").replaceChildren(avatarDeConversacion(conversacion, yo));
    porId("subtitulo").textContent = presencia(conversacion, yo);
    const personas = personasDe(this.#cliente, conversacion);
    porId("escriben").textContent = escriben(this.#cliente.escriben(conversacion._id), personas);
    this.#permiso(conversacion);
  }

  /** @param {Conversacion} conversacion */
  #permiso(conversacion) {
    const propio = this.#propio(conversacion);
    const puede = conversacion.activa && propio?.permisos.puedeEnviar;
    porId("redactor").hidden = !puede;
    porId("sin-permiso").hidden = Boolean(puede);
    porId("sin-permiso").textContent = conversacion.activa
      ? t("No tienes permiso para escribir en esta conversación.")
      : t("La conversación está cerrada.");
  }

  /** @param {Conversacion} [conversacion] */
  #propio(conversacion) {
    return conversacion?.participantes.find((p) => p.usuario._id === this.#cliente.usuarioId);
  }

  /** @param {string} id */
  #pintarPendientes(id) {
    this.#pendientes.pintar(id);
    this.#hilo.ajustar();
  }

  /**
   * @param {Mensaje} mensaje
   * @param {HTMLElement} boton
   */
  #menu(mensaje, boton) {
    const mia = mensaje.reacciones.find((r) => r.usuario === this.#cliente.usuarioId)?.tipo;
    const fila = opcionesDeReaccion(this.#cliente.reacciones, mia, (tipo) => this.#reaccionar(mensaje, tipo));
    /** @type {(Opcion | Grupo)[]} */
    const entradas = this.#abierta
      ? [
          { grupo: t("Reaccionar"), entradas: fila },
          { texto: t("Responder"), icono: "responder", hacer: () => this.#redactor.responder(mensaje) },
        ]
      : [];
    const { texto, archivo } = mensaje.contenido;
    if (texto.trim() || !archivo)
      entradas.push({
        texto: t("Copiar el texto"),
        icono: "copiar",
        hacer: () => navigator.clipboard?.writeText(texto),
      });
    if (esSubido(archivo))
      entradas.push({ texto: t("Descargar"), icono: "descargar", hacer: () => descargar(archivo) });
    entradas.push({ texto: t("Información"), icono: "info", hacer: () => this.#informar(mensaje) });
    entradas.push(...this.#fijados.opciones(mensaje));
    if (this.#editable(mensaje))
      entradas.push({ texto: t("Editar"), icono: "editar", hacer: () => this.#redactor.editar(mensaje) });
    if (this.#eliminable(mensaje))
      entradas.push({
        texto: t("Eliminar"),
        icono: "eliminar",
        peligro: true,
        hacer: () => this.#pedirEliminar(mensaje),
      });
    abrirMenu(boton, entradas, t("Acciones del mensaje"));
  }

  /**
   * Lo que lleva, como esté ahora.
   *
   * @param {Mensaje} mensaje
   */
  #ver(mensaje) {
    if (this.#id === null) return;
    this.#visor.abrir(this.#id, this.#cliente.mensaje(this.#id, mensaje.secuencia) ?? mensaje);
  }

  /** @param {Mensaje} mensaje */
  #informar(mensaje) {
    if (this.#conversacion) abrirMensaje(this.#conversacion, mensaje);
  }

  get #abierta() {
    return !porId("redactor").hidden;
  }

  /** @param {Mensaje} mensaje */
  #editable(mensaje) {
    const propio = mensaje.remitente?._id === this.#cliente.usuarioId;
    return this.#abierta && propio && Date.now() - Date.parse(mensaje.fechaEnvio) < PLAZO_EDITAR;
  }

  /** @param {Mensaje} mensaje */
  #eliminable(mensaje) {
    const permisos = this.#propio(this.#conversacion)?.permisos;
    return (
      permisos?.puedeEliminar || permisos?.puedeModerar || mensaje.remitente?._id === this.#cliente.usuarioId
    );
  }

  #editableUltimo() {
    const mensaje = this.#hilo.ultimoPropio;
    return mensaje && this.#editable(mensaje) ? mensaje : null;
  }

  /**
   * @param {Mensaje} mensaje
   * @param {string | null} tipo
   */
  #reaccionar(mensaje, tipo) {
    if (tipo) conAviso(this.#cliente.reaccionar(mensaje._id, tipo));
    else conAviso(this.#cliente.quitarReaccion(mensaje._id));
  }

  /** @param {Mensaje} mensaje */
  #pedirEliminar(mensaje) {
    this.#eliminando = mensaje;
    porId("formulario-eliminar").reset();
    abrirDialogo(porId("dialogo-eliminar"));
  }

  #eliminar() {
    const razon = porId("eliminar-razon").value.trim();
    porId("dialogo-eliminar").close();
    if (this.#eliminando) conAviso(this.#cliente.eliminar(this.#eliminando._id, razon || undefined));
  }

  olvidar() {
    this.#redactor.olvidar();
  }

  /** Si hay algo preparado que al cerrar la página se pierde. */
  get porEnviar() {
    return this.#redactor.porEnviar;
  }
}

/**
 * @param {Conversacion} conversacion
 * @param {string | null} yo
 */
function presencia(conversacion, yo) {
  const { totalConectados, totalParticipantes } = conversacion;
  if (totalConectados !== undefined) return enLinea(totalParticipantes, totalConectados);
  const otros = otrosDe(conversacion, yo);
  const presentes = otros.filter((p) => p.enLinea).length;
  if (conversacion.tipo === "individual" && otros.length === 1) return presenciaDe(otros[0]);
  return enLinea(otros.length + 1, presentes + 1);
}

/**
 * @param {number} total
 * @param {number} presentes
 */
const enLinea = (total, presentes) => 
  tn(total, "{n} participante", "{n} participantes") + " · " + t("{n} en línea", { n: presentes });

/**
 * @param {string[]} usuarios
 * @param {Personas} personas
 */
function escriben(usuarios, personas) {
  if (!usuarios.length) return "";
  const nombres = usuarios.map((id) => aislado(nombreDe(personas.get(id))));
  if (nombres.length === 1) return t("{nombre} está escribiendo…", { nombre: nombres[0] });
  if (nombres.length === 2) return t("{nombres} están escribiendo…", { nombres: enLista(nombres) });
  return t("Varias personas están escribiendo…");
}
