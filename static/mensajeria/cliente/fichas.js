import { Emisor } from "./emisor.js";
import { Ficha } from "./ficha.js";
import { lapida } from "./historial.js";

// El servidor termina a los 6 s; si su aviso se pierde, aquí termina igual.
const FIN_ESCRITURA = 8_000;

/**
 * Todas las conversaciones conocidas, y lo que cada evento del servidor cambia en ellas.
 *
 * Avisa lo que avisa `ClienteMensajeria`, y `falta` cuando algo pide una lectura.
 */
export class Fichas extends Emisor {
  /** @type {Map<string, Ficha>} */
  #todas = new Map();
  yo = "";

  de(id) {
    return this.#todas.get(id);
  }

  get todas() {
    return [...this.#todas.values()];
  }

  vaciar() {
    for (const ficha of this.todas) for (const reloj of ficha.escriben.values()) clearTimeout(reloj);
    this.#todas.clear();
  }

  /** Guarda una conversación leída o recibida; la crea si es nueva. */
  ponerConversacion(forma) {
    let ficha = this.#todas.get(forma._id);
    if (!ficha) {
      ficha = new Ficha(forma, this.yo);
      this.#todas.set(forma._id, ficha);
    } else if (!ficha.actualizar(forma)) return ficha;
    this.#avisarMensajes(ficha, ficha.alcanzarPorCursores());
    this.avisar("conversacion", { conversacion: ficha.conversacion });
    return ficha;
  }

  quitar(id) {
    if (!this.#todas.delete(id)) return;
    this.avisar("conversacion_quitada", { conversacionId: id });
  }

  /** Guarda mensajes y avisa una vez de lo que cambió y, en su orden, de los nuevos. */
  ponerMensajes(id, mensajes) {
    const ficha = this.#todas.get(id);
    if (!ficha) return;
    const cambiados = ficha.recibir(mensajes);
    const nuevos = ficha.porAnunciar();
    this.#avisarMensajes(ficha, cambiados);
    for (const mensaje of nuevos) this.avisar("mensaje_nuevo", { conversacionId: id, mensaje });
    if (cambiados.length) this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  leida(id, usuarioId, hasta) {
    const ficha = this.#todas.get(id);
    if (ficha?.leida(usuarioId, hasta)) this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  /** Aplica un evento del servidor. Lo que no cambia nada aquí se ignora. */
  aplicar(evento, datos) {
    const aplicar = this[`_${evento}`];
    if (!aplicar) return;
    const id = datos.conversacionId;
    if (id && !this.#todas.has(id) && !datos.conversacion) {
      this.avisar("falta", { conversacionId: id });
      return;
    }
    aplicar.call(this, datos, this.#todas.get(id));
    const ficha = this.#todas.get(id);
    if (!ficha || datos.secuenciaCambio === undefined) return;
    ficha.cursor.ver(datos.secuenciaCambio);
    const { ultimoCambio } = ficha.conversacion;
    ficha.cambiar({ ultimoCambio: Math.max(ultimoCambio, datos.secuenciaCambio) });
    if (ficha.cursor.hueco) this.avisar("falta", { conversacionId: id });
  }

  _nuevo_mensaje({ conversacionId, mensaje }) {
    this._usuario_escribiendo(
      { usuarioId: mensaje.remitente?._id, escribiendo: false },
      this.de(conversacionId),
    );
    this.ponerMensajes(conversacionId, [mensaje]);
  }

  _mensaje_editado({ conversacionId, mensaje }, ficha) {
    this.ponerMensajes(conversacionId, [mensaje]);
    this.#citar(ficha, mensaje._id, mensaje.contenido.texto);
  }

  // El evento no dice quién lo eliminó ni por qué: si el mensaje está aquí, se lee.
  _mensaje_eliminado({ conversacionId, mensajeId, secuenciaCambio, timestamp }, ficha) {
    if (ficha.historial.porId(mensajeId)) this.avisar("falta_mensaje", { conversacionId, mensajeId });
    this.#parchear(ficha, mensajeId, secuenciaCambio, (m) => lapida(m, timestamp));
    this.#citar(ficha, mensajeId, "");
  }

  _reaccion_agregada({ mensajeId, secuenciaCambio, reacciones }, ficha) {
    this.#parchear(ficha, mensajeId, secuenciaCambio, (m) => ({ ...m, reacciones }));
  }

  _reaccion_quitada(datos, ficha) {
    this._reaccion_agregada(datos, ficha);
  }

  _mensaje_actualizado({ hastaSecuencia, estado }, ficha) {
    this.#avisarMensajes(ficha, ficha.alcanzar(estado, hastaSecuencia));
  }

  _mensaje_leido({ conversacionId, mensajeId, leidoPor }, ficha) {
    const mensaje = ficha.historial.porId(mensajeId);
    if (mensaje) this.leida(conversacionId, leidoPor, mensaje.secuencia);
    else if (leidoPor === this.yo) this.avisar("falta_forma", { conversacionId });
  }

  _todos_mensajes_leidos({ conversacionId, leidoPor, hastaSecuencia }) {
    this.leida(conversacionId, leidoPor, hastaSecuencia);
  }

  _usuario_escribiendo({ usuarioId, escribiendo }, ficha) {
    if (!usuarioId || (!escribiendo && !ficha.escriben.has(usuarioId))) return;
    clearTimeout(ficha.escriben.get(usuarioId));
    ficha.escriben.delete(usuarioId);
    if (escribiendo) {
      const fin = () => this._usuario_escribiendo({ usuarioId, escribiendo: false }, ficha);
      ficha.escriben.set(usuarioId, setTimeout(fin, FIN_ESCRITURA));
    }
    this.avisar("escribiendo", { conversacionId: ficha.id, usuarios: [...ficha.escriben.keys()] });
  }

  _estado_usuario_cambiado({ usuarioId, conectado }) {
    for (const ficha of this.todas) {
      if (!ficha.conversacion.participantes.some((p) => p.usuario._id === usuarioId)) continue;
      ficha.cambiarParticipante(usuarioId, { enLinea: conectado });
      this.avisar("conversacion", { conversacion: ficha.conversacion });
    }
    this.avisar("presencia", { usuarioId, conectado });
  }

  _conversacion_creada({ conversacion }) {
    this.ponerConversacion(conversacion);
  }

  _conversacion_actualizada({ conversacion }) {
    this.ponerConversacion(conversacion);
  }

  _participante_agregado({ conversacion }) {
    this.ponerConversacion(conversacion);
  }

  _participante_removido({ conversacionId, usuarioId }, ficha) {
    if (usuarioId === this.yo) return this.quitar(conversacionId);
    ficha.cambiarParticipante(usuarioId, { activo: false });
    this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  #parchear(ficha, id, secuenciaCambio, cambiar) {
    const cambiado = ficha.historial.parchear(id, secuenciaCambio, cambiar);
    if (!cambiado) return;
    this.#avisarMensajes(ficha, [cambiado]);
    this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  #citar(ficha, id, texto) {
    const cambiados = ficha.historial.cambiarTodos(
      (m) => m.respuestaA?._id === id && m.respuestaA.texto !== texto,
      (m) => ({ ...m, respuestaA: { ...m.respuestaA, texto } }),
    );
    this.#avisarMensajes(ficha, cambiados);
  }

  #avisarMensajes(ficha, mensajes) {
    if (mensajes.length) this.avisar("mensajes", { conversacionId: ficha.id, mensajes });
  }
}
