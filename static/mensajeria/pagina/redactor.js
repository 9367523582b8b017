import { avisar } from "./avisos.js";
import { Bandeja } from "./bandeja.js";
import { borradorDe, guardarBorrador } from "./borradores.js";
import { porId } from "./dom.js";
import { prepararEmojis } from "./emoji.js";
import { Grabadora } from "./grabadora.js";
import { icono } from "./iconos.js";
import { t, tn } from "./idioma.js";
import { prepararRecogida } from "./recogida.js";
import { nombreDe, resumen } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { Prioridad } from "../cliente/tipos.js"
 * @import { Arrobas } from "./arrobas.js"
 * @import { Adjunto } from "./bandeja.js"
 *
 * @typedef {object} Entorno
 * @property {{editar: (mensaje: Mensaje, texto: string) => void, enviado: () => void}} alEnviar
 * @property {() => Mensaje | null} editarUltimo el último propio, si aún se puede editar
 *
 * @typedef {{editar?: Mensaje, responder?: Mensaje}} Contexto uno de los dos
 */

const MAX = 5_000;
const AVISO = 4_500;

/** La caja de escribir: respuesta, edición, prioridad, archivos y borrador de cada conversación. */
export class Redactor {
  #cliente;
  #alEnviar;
  #editarUltimo;
  /** @type {string | null} */
  #id = null;
  /** @type {Contexto | null} */
  #contexto = null;
  #bandeja;
  #grabadora;
  /** @type {Arrobas | null} se trae al escribir la primera arroba */
  #arrobas = null;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Entorno} entorno
   */
  constructor(cliente, { alEnviar, editarUltimo }) {
    this.#cliente = cliente;
    this.#alEnviar = alEnviar;
    this.#editarUltimo = editarUltimo;
    const maximo = Number(porId("redactor").dataset.maximo);
    this.#bandeja = new Bandeja(maximo, () => this.#contar());
    this.#grabadora = new Grabadora(maximo, {
      enviar: (nota, id) => this.#enviarArchivos(id, [{ archivo: nota, nombre: nota.name }], ""),
      guardar: (nota, id) => this.#bandeja.agregar([nota], id),
      alCerrar: () => this.enfocar(),
    });
    prepararEmojis((emoji) => this.#insertar(emoji));
    prepararRecogida({ admite: () => this.#admite, recoger: (archivos) => this.#recoger(archivos) });
    this.#escuchar();
  }

  #escuchar() {
    porId("redactor").addEventListener("submit", (evento) => {
      evento.preventDefault();
      this.#enviar();
    });
    this.#texto.addEventListener("input", () => this.#alEscribir());
    this.#texto.addEventListener("keydown", (evento) => this.#alTeclear(evento));
    this.#texto.addEventListener("blur", () => this.#cliente.escribir(this.#id ?? "", false));
    porId("contexto-cerrar").addEventListener("click", () => this.#soltar());
    porId("prioridad").addEventListener("change", () => this.#marcarPrioridad());
  }

  get #texto() {
    return porId("redactor-texto");
  }

  /** @param {string} id */
  abrir(id) {
    this.#guardarBorrador();
    this.#arrobas?.cerrar();
    this.#id = id;
    this.#grabadora.abrir(id);
    this.#bandeja.abrir(id);
    this.#texto.value = borradorDe(id);
    porId("prioridad").value = "normal";
    this.#marcarPrioridad();
    this.#contextualizar(null);
  }

  olvidar() {
    this.#bandeja.vaciar();
    this.#grabadora.olvidar();
    this.#texto.value = "";
    this.#id = null;
  }

  /** Si hay archivos por enviar, o una nota de voz a medias: al cerrar la página se pierden. */
  get porEnviar() {
    return this.#bandeja.hayAlgo || this.#grabadora.abierta;
  }

  enfocar() {
    this.#texto.focus();
  }

  /**
   * Donde está el cursor, en lugar de lo que haya marcado.
   *
   * @param {string} algo
   */
  #insertar(algo) {
    const { selectionStart, selectionEnd } = this.#texto;
    this.#texto.setRangeText(algo, selectionStart, selectionEnd, "end");
    this.#alEscribir();
    this.enfocar();
  }

  /** @param {Mensaje} mensaje */
  responder(mensaje) {
    if (this.#contexto?.editar) this.#soltar();
    this.#contextualizar({ responder: mensaje });
    this.enfocar();
  }

  /** @param {Mensaje} mensaje */
  editar(mensaje) {
    if (porId("redactor-fila").hidden) return avisar(t("Acaba la nota de voz antes de editar."));
    this.#guardarBorrador();
    this.#texto.value = mensaje.contenido.texto;
    this.#contextualizar({ editar: mensaje });
    this.enfocar();
    this.#texto.setSelectionRange(this.#texto.value.length, this.#texto.value.length);
  }

  /**
   * Si el mensaje que se responde o edita se elimina, deja de hacerse.
   *
   * @param {Mensaje[]} mensajes
   */
  alCambiar(mensajes) {
    const actual = this.#contexto?.editar ?? this.#contexto?.responder;
    if (actual && mensajes.some((m) => m._id === actual._id && m.eliminado.eliminado)) this.#soltar();
  }

  get #admite() {
    const aLaVista = !porId("conversacion").hidden && !porId("redactor").hidden;
    return this.#id !== null && aLaVista && !document.querySelector("dialog[open]");
  }

  /** @param {File[]} archivos */
  #recoger(archivos) {
    if (this.#contexto?.editar) return avisar(t("Acaba de editar el mensaje antes de adjuntar."));
    this.#bandeja.agregar(archivos);
    // En un teléfono, el teclado taparía lo que se acaba de elegir.
    if (!matchMedia("(pointer: coarse)").matches) this.enfocar();
  }

  // Mientras se edita, en la caja no está el borrador.
  #guardarBorrador() {
    if (this.#id !== null && !this.#contexto?.editar) guardarBorrador(this.#id, this.#texto.value);
  }

  #soltar() {
    const editaba = this.#contexto?.editar;
    this.#contextualizar(null);
    if (editaba) this.#texto.value = borradorDe(this.#id ?? "");
    this.#contar();
    this.enfocar();
  }

  /** @param {Contexto | null} contexto */
  #contextualizar(contexto) {
    this.#contexto = contexto;
    porId("contexto").hidden = !contexto;
    for (const id of ["prioridad-marco", "adjuntar"]) porId(id).hidden = Boolean(contexto?.editar);
    porId("adjuntos").hidden = Boolean(contexto?.editar) || !this.#bandeja.cuantos;
    porId("enviar").setAttribute("aria-label", contexto?.editar ? t("Guardar los cambios") : t("Enviar"));
    this.#contar();
    const mensaje = contexto?.editar ?? contexto?.responder;
    if (!contexto || !mensaje) return;
    porId("contexto-icono").replaceChildren(icono(contexto.editar ? "editar" : "responder"));
    porId("contexto-titulo").textContent = contexto.editar
      ? t("Editando el mensaje")
      : t("Respondiendo a {nombre}", { nombre: nombreDe(mensaje.remitente) });
    porId("contexto-texto").textContent = resumen(mensaje);
    porId("contexto-cerrar").setAttribute(
      "aria-label",
      contexto.editar ? t("Dejar de editar") : t("No responder a este mensaje"),
    );
  }

  #alEscribir() {
    this.#contar();
    this.#mirarArrobas();
    if (this.#contexto?.editar) return;
    this.#guardarBorrador();
    if (this.#id !== null) this.#cliente.escribir(this.#id, this.#texto.value.trim() !== "");
  }

  async #mirarArrobas() {
    if (!this.#arrobas && !this.#texto.value.includes("@")) return;
    if (!this.#arrobas) {
      const modulo = await import("./arrobas.js").catch(() => null);
      if (modulo) this.#arrobas ??= new modulo.Arrobas(this.#cliente, this.#texto);
    }
    if (this.#id !== null) this.#arrobas?.mirar(this.#id);
  }

  #contar() {
    this.#crecer();
    const largo = [...this.#texto.value].length;
    const cuenta = porId("cuenta");
    cuenta.hidden = largo < AVISO;
    cuenta.textContent = 
      largo > MAX
        ? tn(largo - MAX, "Sobra {n} carácter", "Sobran {n} caracteres")
        : t("{n} de {max} caracteres", { n: largo, max: MAX });
    cuenta.classList.toggle("fallo", largo > MAX);
    const editando = Boolean(this.#contexto?.editar);
    const nada = !this.#texto.value.trim() && (editando || !this.#bandeja.cuantos);
    porId("enviar").disabled = nada || largo > MAX;
    // Con algo por enviar, el sitio del micrófono es el de enviar.
    porId("grabar").hidden = !nada || editando;
    porId("redactor-fila").classList.toggle("vacia", nada && !editando);
  }

  // Donde la hoja de estilo no sabe hacerlo (`field-sizing`).
  #crecer() {
    if (CSS.supports("field-sizing", "content")) return;
    this.#texto.style.height = "auto";
    this.#texto.style.height = `${this.#texto.scrollHeight}px`;
  }

  /** @param {KeyboardEvent} evento */
  #alTeclear(evento) {
    if (evento.isComposing) return;
    if (this.#arrobas?.alTeclear(evento)) return evento.preventDefault();
    const { key } = evento;
    // En una pantalla táctil, la tecla de retorno hace líneas.
    if (key === "Enter" && !evento.shiftKey && !matchMedia("(pointer: coarse)").matches) {
      evento.preventDefault();
      this.#enviar();
    } else if (key === "Escape" && this.#contexto) {
      evento.preventDefault();
      this.#soltar();
    } else if (key === "ArrowUp" && !this.#texto.value) {
      const mensaje = this.#editarUltimo();
      if (!mensaje) return;
      evento.preventDefault();
      this.editar(mensaje);
    }
  }

  #enviar() {
    const texto = this.#texto.value;
    if (this.#id === null || porId("enviar").disabled) return;
    const { editar } = this.#contexto ?? {};
    if (editar) {
      if (texto !== editar.contenido.texto) this.#alEnviar.editar(editar, texto);
      return this.#soltar();
    }
    this.#texto.value = "";
    guardarBorrador(this.#id, "");
    const adjuntos = this.#bandeja.tomar();
    if (adjuntos.length) return this.#enviarArchivos(this.#id, adjuntos, texto);
    this.#cliente.enviar(this.#id, texto, this.#acompanamiento());
    this.#enviado();
  }

  /**
   * Con el primero va lo que se escribió y a qué se responde.
   *
   * @param {string} id
   * @param {Pick<Adjunto, "archivo" | "nombre">[]} adjuntos
   * @param {string} texto
   */
  #enviarArchivos(id, adjuntos, texto) {
    const conElPrimero = { texto, ...this.#acompanamiento() };
    adjuntos.forEach(({ archivo, nombre }, i) =>
      this.#cliente.enviarArchivo(id, archivo, { nombre, ...(i ? {} : conElPrimero) }),
    );
    this.#enviado();
  }

  #acompanamiento() {
    const prioridad = /** @type {Prioridad} */ (porId("prioridad").value);
    return { respuestaA: this.#contexto?.responder?._id, prioridad };
  }

  #enviado() {
    porId("prioridad").value = "normal";
    this.#marcarPrioridad();
    this.#contextualizar(null);
    this.#alEnviar.enviado();
    this.enfocar();
  }

  #marcarPrioridad() {
    porId("prioridad-marco").dataset.prioridad = porId("prioridad").value;
  }
}
