import { Emisor } from "./emisor.js";
import { Ficha } from "./ficha.js";
import { lapida } from "./historial.js";

/**
 * @import { Conversacion, EventosServidor, Mensaje, Preferencias } from "./eventos.js"
 * @import { AvisosDeFichas, Faltas } from "./tipos.js"
 */

// El servidor termina a los 6 s; si su aviso se pierde, aquí termina igual.
const FIN_ESCRITURA = 8_000;

/**
 * Todas las conversaciones conocidas, y lo que cada evento del servidor cambia en ellas.
 *
 * Avisa lo que avisa `ClienteMensajeria`, y `falta` cuando algo pide una lectura.
 *
 * @extends {Emisor<AvisosDeFichas & Faltas>}
 */
export class Fichas extends Emisor {
  /** @type {Map<string, Ficha>} */
  #todas = new Map();
  yo = "";
  // En la que valen los números que llegan; vacía, aún no se sabe.
  epoca = "";

  /** @param {string} id */
  de(id) {
    return this.#todas.get(id);
  }

  get todas() {
    return [...this.#todas.values()];
  }

  vaciar() {
    for (const ficha of this.todas) for (const reloj of ficha.escriben.values()) clearTimeout(reloj);
    this.#todas.clear();
    this.epoca = "";
  }

  /** @param {Ficha} ficha */
  #esDeOtraEpoca(ficha) {
    return this.epoca !== "" && ficha.epoca !== this.epoca;
  }

  /**
   * Lo que se sabía de ella no vale: empieza de nuevo con esto.
   *
   * @param {Conversacion} forma
   * @param {Mensaje[]} mensajes
   */
  reiniciar(forma, mensajes) {
    const previa = this.#todas.get(forma._id);
    if (!previa) return this.ponerConversacion(forma);
    const ficha = previa.reiniciada(forma, mensajes);
    this.#todas.set(forma._id, ficha);
    this.avisar("reiniciada", { conversacionId: forma._id });
    this.avisar("conversacion", { conversacion: forma });
    return ficha;
  }

  /**
   * Guarda una conversación leída o recibida; la crea si es nueva. La de otra época espera a que se
   * reinicie.
   *
   * @param {Conversacion} forma
   */
  ponerConversacion(forma) {
    let ficha = this.#todas.get(forma._id);
    if (!ficha) {
      ficha = new Ficha(forma, this.yo);
      this.#todas.set(forma._id, ficha);
    } else if (ficha.epoca !== forma.epoca || !ficha.actualizar(forma)) return ficha;
    this.#avisarMensajes(ficha, ficha.alcanzarPorCursores());
    this.avisar("conversacion", { conversacion: ficha.conversacion });
    return ficha;
  }

  /** @param {string} id */
  quitar(id) {
    if (!this.#todas.delete(id)) return;
    this.avisar("conversacion_quitada", { conversacionId: id });
  }

  /**
   * Guarda mensajes y avisa una vez de lo que cambió y, en su orden, de los nuevos.
   *
   * @param {string} id
   * @param {Mensaje[]} mensajes
   */
  ponerMensajes(id, mensajes) {
    const ficha = this.#todas.get(id);
    if (!ficha) return;
    const cambiados = ficha.recibir(mensajes);
    const nuevos = ficha.porAnunciar();
    this.#avisarMensajes(ficha, cambiados);
    for (const mensaje of nuevos) this.avisar("mensaje_nuevo", { conversacionId: id, mensaje });
    if (cambiados.length) this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  /**
   * Así la quiere tener esta persona.
   *
   * @param {string} id
   * @param {Preferencias} preferencias
   */
  preferir(id, preferencias) {
    const ficha = this.#todas.get(id);
    if (!ficha) return;
    ficha.cambiar({ preferencias });
    this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  /**
   * @param {string} id
   * @param {string} usuarioId
   * @param {number} hasta
   */
  leida(id, usuarioId, hasta) {
    const ficha = this.#todas.get(id);
    if (ficha?.leida(usuarioId, hasta)) this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  /**
   * Aplica un evento del servidor. Lo que no cambia nada aquí se ignora.
   *
   * @template {keyof EventosServidor} E
   * @param {E} evento
   * @param {EventosServidor[E]} datos
   */
  aplicar(evento, datos) {
    const suelto = this.#sueltos[evento];
    const deFicha = this.#deFicha[evento];
    if (!suelto && !deFicha) return;
    /** @type {{timestamp: string, conversacionId?: string, secuenciaCambio?: number}} */
    const { conversacionId = "", secuenciaCambio } = datos;
    const previa = this.de(conversacionId);
    if (previa && this.#esDeOtraEpoca(previa)) return;
    if (suelto) suelto(datos);
    else if (previa) deFicha?.(datos, previa);
    else return this.avisar("falta", { conversacionId });
    const ficha = this.de(conversacionId);
    if (!ficha || secuenciaCambio === undefined) return;
    ficha.cursor.ver(secuenciaCambio);
    const { ultimoCambio } = ficha.conversacion;
    ficha.cambiar({ ultimoCambio: Math.max(ultimoCambio, secuenciaCambio) });
    if (ficha.cursor.hueco) this.avisar("falta", { conversacionId });
  }

  /**
   * Los que no necesitan que su conversación sea conocida.
   *
   * @type {{[E in keyof EventosServidor]?: (datos: EventosServidor[E]) => void}}
   */
  #sueltos = {
    conversacion_creada: ({ conversacion }) => this.ponerConversacion(conversacion),
    conversacion_actualizada: ({ conversacion }) => this.ponerConversacion(conversacion),
    participante_agregado: ({ conversacion }) => this.ponerConversacion(conversacion),
    preferencias_actualizadas: ({ conversacionId, preferencias }) =>
      this.preferir(conversacionId, preferencias),
    estado_usuario_cambiado: ({ usuarioId, conectado, timestamp }) => {
      const cambio = conectado ? { enLinea: true } : { enLinea: false, ultimaConexion: timestamp };
      for (const ficha of this.todas) {
        if (!ficha.conversacion.participantes.some((p) => p.usuario._id === usuarioId)) continue;
        ficha.cambiarParticipante(usuarioId, cambio);
        this.avisar("conversacion", { conversacion: ficha.conversacion });
      }
      this.avisar("presencia", { usuarioId, conectado });
    },
  };

  /**
   * Los que cambian una conversación conocida.
   *
   * @type {{[E in keyof EventosServidor]?: (datos: EventosServidor[E], ficha: Ficha) => void}}
   */
  #deFicha = {
    nuevo_mensaje: ({ conversacionId, mensaje }, ficha) => {
      if (mensaje.remitente) this.#escribe(ficha, mensaje.remitente._id, false);
      this.ponerMensajes(conversacionId, [mensaje]);
    },
    mensaje_editado: ({ conversacionId, mensaje }, ficha) => {
      this.ponerMensajes(conversacionId, [mensaje]);
      this.#citar(ficha, mensaje._id, mensaje.contenido.texto);
    },
    // El evento no dice quién lo eliminó ni por qué: si el mensaje está aquí, se lee.
    mensaje_eliminado: ({ conversacionId, mensajeId, secuenciaCambio, timestamp }, ficha) => {
      const mensaje = ficha.historial.porId(mensajeId);
      if (mensaje) this.avisar("falta_mensaje", { conversacionId, mensajeId });
      if (mensaje) ficha.retirar(mensaje);
      else if (ficha.noLeidos) this.avisar("falta_forma", { conversacionId });
      this.#parchear(ficha, mensajeId, secuenciaCambio, (m) => lapida(m, timestamp));
      this.#citar(ficha, mensajeId, "");
    },
    reaccion_agregada: (datos, ficha) => this.#reaccionar(datos, ficha),
    reaccion_quitada: (datos, ficha) => this.#reaccionar(datos, ficha),
    // Fijado, se enseña aunque no esté cargado: si el mensaje no está aquí, se lee.
    mensaje_fijado: (datos, ficha) => {
      const { conversacionId, mensajeId } = datos;
      if (!ficha.historial.porId(mensajeId)) this.avisar("falta_mensaje", { conversacionId, mensajeId });
      this.#fijar(datos, ficha);
    },
    mensaje_desfijado: (datos, ficha) => this.#fijar(datos, ficha),
    mensaje_actualizado: ({ hastaSecuencia, estado }, ficha) =>
      this.#avisarMensajes(ficha, ficha.alcanzar(estado, hastaSecuencia)),
    mensaje_leido: ({ conversacionId, mensajeId, leidoPor }, ficha) => {
      const mensaje = ficha.historial.porId(mensajeId);
      if (mensaje) this.leida(conversacionId, leidoPor, mensaje.secuencia);
      else if (leidoPor === this.yo) this.avisar("falta_forma", { conversacionId });
    },
    todos_mensajes_leidos: ({ conversacionId, leidoPor, hastaSecuencia }) =>
      this.leida(conversacionId, leidoPor, hastaSecuencia),
    usuario_escribiendo: ({ usuarioId, escribiendo }, ficha) => this.#escribe(ficha, usuarioId, escribiendo),
    presencia_actualizada: ({ totalConectados }, ficha) => {
      // Si ya no es numerosa, se sabe quién está.
      if (!ficha.numerosa) return;
      ficha.cambiar({ totalConectados });
      this.avisar("conversacion", { conversacion: ficha.conversacion });
    },
    participante_removido: ({ conversacionId, usuarioId, totalParticipantes }, ficha) => {
      if (usuarioId === this.yo) return this.quitar(conversacionId);
      ficha.cambiarParticipante(usuarioId, { activo: false });
      const { conversacion, numerosa } = ficha;
      const activos = conversacion.participantes.filter((p) => p.activo).length;
      const quedan = numerosa ? conversacion.totalParticipantes - 1 : activos;
      ficha.cambiar({ totalParticipantes: totalParticipantes ?? quedan });
      this.avisar("conversacion", { conversacion: ficha.conversacion });
    },
  };

  /**
   * @param {Ficha} ficha
   * @param {string} usuarioId
   * @param {boolean} escribiendo
   */
  #escribe(ficha, usuarioId, escribiendo) {
    if (!escribiendo && !ficha.escriben.has(usuarioId)) return;
    clearTimeout(ficha.escriben.get(usuarioId));
    ficha.escriben.delete(usuarioId);
    if (escribiendo) {
      const fin = () => this.#escribe(ficha, usuarioId, false);
      ficha.escriben.set(usuarioId, setTimeout(fin, FIN_ESCRITURA));
    }
    this.avisar("escribiendo", { conversacionId: ficha.id, usuarios: [...ficha.escriben.keys()] });
  }

  /**
   * @param {EventosServidor["reaccion_agregada"]} datos
   * @param {Ficha} ficha
   */
  #reaccionar({ mensajeId, secuenciaCambio, reacciones }, ficha) {
    this.#parchear(ficha, mensajeId, secuenciaCambio, (m) => ({ ...m, reacciones }));
  }

  /**
   * @param {EventosServidor["mensaje_fijado"]} datos
   * @param {Ficha} ficha
   */
  #fijar({ mensajeId, secuenciaCambio, fijado }, ficha) {
    this.#parchear(ficha, mensajeId, secuenciaCambio, (m) => ({ ...m, fijado }));
  }

  /**
   * @param {Ficha} ficha
   * @param {string} id
   * @param {number} secuenciaCambio
   * @param {(mensaje: Mensaje) => Mensaje} cambiar
   */
  #parchear(ficha, id, secuenciaCambio, cambiar) {
    const cambiado = ficha.historial.parchear(id, secuenciaCambio, cambiar);
    if (!cambiado) return;
    this.#avisarMensajes(ficha, [cambiado]);
    this.avisar("conversacion", { conversacion: ficha.conversacion });
  }

  /**
   * @param {Ficha} ficha
   * @param {string} id
   * @param {string} texto
   */
  #citar(ficha, id, texto) {
    const cambiados = ficha.historial.cambiarTodos(
      (m) => m.respuestaA?._id === id && m.respuestaA.texto !== texto,
      (m) => ({ ...m, respuestaA: m.respuestaA && { ...m.respuestaA, texto, contenido: { texto } } }),
    );
    this.#avisarMensajes(ficha, cambiados);
  }

  /**
   * @param {Ficha} ficha
   * @param {Mensaje[]} mensajes
   */
  #avisarMensajes(ficha, mensajes) {
    if (mensajes.length) this.avisar("mensajes", { conversacionId: ficha.id, mensajes });
  }
}
