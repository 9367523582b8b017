import { Cursor } from "./cursor.js";
import { adelanta, Historial } from "./historial.js";

/**
 * @import { Conversacion, Mensaje, Participante, Persona } from "./eventos.js"
 * @import { EstadoMensaje } from "./tipos.js"
 */

/** Una conversación tal como la conoce este cliente. */
export class Ficha {
  historial = new Historial();
  cursor;
  /** @type {Map<string, ReturnType<typeof setTimeout>>} quién escribe, con su fin por si no llega */
  escriben = new Map();
  noLeidos = 0;
  /** @type {Map<string, Persona>} las que se han visto: de una numerosa no se sabe quiénes están todos */
  personas = new Map();
  // De la que se abrió se leen los fijados, una vez: después los trae lo que cambia.
  abierta = false;
  conFijados = false;
  // Los mensajes hasta aquí ya están en `noLeidos`, y hasta `anunciada` ya se avisaron.
  #contada = 0;
  anunciada = 0;

  /**
   * @param {Conversacion} conversacion
   * @param {string} yo
   */
  constructor(conversacion, yo) {
    this.yo = yo;
    this.cursor = new Cursor(conversacion.ultimoCambio);
    this.conversacion = conversacion;
    this.anunciada = conversacion.ultimaSecuencia;
    for (const p of conversacion.participantes) this.#conocer(p.usuario);
    this.#contar(conversacion);
  }

  get id() {
    return this.conversacion._id;
  }

  /** En la que valen sus números. */
  get epoca() {
    return this.conversacion.epoca;
  }

  /** Si tiene tantos participantes que con ella no van todos. */
  get numerosa() {
    return this.conversacion.totalConectados !== undefined;
  }

  /** @param {Persona | null | undefined} persona */
  #conocer(persona) {
    if (persona) this.personas.set(persona._id, persona);
  }

  get propio() {
    return this.conversacion.participantes.find((p) => p.usuario._id === this.yo);
  }

  /**
   * La forma nueva de la conversación, salvo que sea más vieja que lo que ya se sabe.
   *
   * @param {Conversacion} forma
   */
  actualizar(forma) {
    if (forma.ultimoCambio < this.conversacion.ultimoCambio) return false;
    const previos = new Map(this.conversacion.participantes.map((p) => [p.usuario._id, p]));
    const participantes = forma.participantes.map((p) => conCursores(p, previos.get(p.usuario._id)));
    // Lo que va a todos no lleva lo de cada cual.
    const { preferencias = this.conversacion.preferencias } = forma;
    this.conversacion = { ...forma, participantes, preferencias };
    for (const p of participantes) this.#conocer(p.usuario);
    this.#contar(forma);
    return true;
  }

  /**
   * Sin entrada propia (un aviso reparado) vale la cuenta que se llevaba.
   *
   * @param {Conversacion} forma
   */
  #contar(forma) {
    const cuenta = forma.estadisticas.mensajesNoLeidos[this.yo];
    if (cuenta === undefined) return;
    const todo = (this.propio?.leidoHasta ?? 0) >= forma.ultimaSecuencia;
    this.noLeidos = todo ? 0 : cuenta;
    this.#contada = Math.max(this.#contada, forma.ultimaSecuencia);
  }

  /**
   * Guarda mensajes; devuelve los que cambiaron algo.
   *
   * @param {Mensaje[]} mensajes
   */
  recibir(mensajes) {
    const cambiados = mensajes.filter((m) => this.historial.poner(m));
    for (const m of mensajes) {
      this.#conocer(m.remitente);
      this.#conocer(m.respuestaA?.remitente);
      this.#contarMensaje(m);
    }
    return cambiados;
  }

  /** @param {Mensaje} m */
  #contarMensaje(m) {
    const c = this.conversacion;
    if (m.secuencia > c.ultimaSecuencia) {
      const estadisticas = { ...c.estadisticas, totalMensajes: m.secuencia, ultimoMensaje: m.fechaEnvio };
      this.cambiar({ ultimaSecuencia: m.secuencia, fechaUltimaActividad: m.fechaEnvio, estadisticas });
    }
    if (m.secuencia <= this.#contada) return;
    this.#contada = m.secuencia;
    if (this.#porLeer(m)) this.noLeidos++;
  }

  /** @param {Mensaje} m */
  #porLeer(m) {
    const leido = m.secuencia <= (this.propio?.leidoHasta ?? 0);
    return m.remitente?._id !== this.yo && !leido && !m.eliminado.eliminado;
  }

  /**
   * Se eliminó: si estaba sin leer, ya no cuenta.
   *
   * @param {Mensaje} m
   */
  retirar(m) {
    if (m.secuencia <= this.#contada && this.#porLeer(m)) this.noLeidos = Math.max(0, this.noLeidos - 1);
  }

  /**
   * La que la sustituye cuando lo que se sabía no vale: la base volvió atrás, y sus números son otros.
   * Se avisarán los mensajes que aquí no estaban.
   *
   * @param {Conversacion} forma
   * @param {Mensaje[]} mensajes
   */
  reiniciada(forma, mensajes) {
    const nueva = new Ficha(forma, this.yo);
    nueva.abierta = this.abierta;
    for (const reloj of this.escriben.values()) clearTimeout(reloj);
    nueva.anunciada = Math.min(this.anunciada, forma.ultimaSecuencia);
    for (const { secuencia, _id } of mensajes) {
      const previo = this.historial.en(secuencia);
      if (previo && previo._id !== _id) nueva.anunciada = Math.min(nueva.anunciada, secuencia - 1);
    }
    return nueva;
  }

  /** Los que llegaron y no se han avisado, en orden; se detiene en el primero que falta. */
  porAnunciar() {
    /** @type {Mensaje[]} */
    const nuevos = [];
    for (let m; (m = this.historial.en(this.anunciada + 1)); this.anunciada++) nuevos.push(m);
    return nuevos;
  }

  /** @param {Partial<Conversacion>} campos */
  cambiar(campos) {
    this.conversacion = { ...this.conversacion, ...campos };
  }

  /**
   * @param {string} usuarioId
   * @param {Partial<Participante>} campos
   */
  cambiarParticipante(usuarioId, campos) {
    const participantes = this.conversacion.participantes.map((p) =>
      p.usuario._id === usuarioId ? { ...p, ...campos } : p,
    );
    this.cambiar({ participantes });
  }

  /**
   * Alguien leyó hasta ahí.
   *
   * @param {string} usuarioId
   * @param {number} hasta
   */
  leida(usuarioId, hasta) {
    const previo = this.conversacion.participantes.find((p) => p.usuario._id === usuarioId);
    if (!previo || previo.leidoHasta >= hasta) return false;
    if (usuarioId === this.yo) this.#descontar(previo.leidoHasta, hasta);
    this.cambiarParticipante(usuarioId, {
      leidoHasta: hasta,
      entregadoHasta: Math.max(previo.entregadoHasta, hasta),
    });
    return true;
  }

  /**
   * @param {number} desde
   * @param {number} hasta
   */
  #descontar(desde, hasta) {
    if (hasta >= this.conversacion.ultimaSecuencia) {
      this.noLeidos = 0;
      return;
    }
    for (let s = desde + 1; s <= hasta; s++) {
      const m = this.historial.en(s);
      if (m && m.remitente?._id !== this.yo && !m.eliminado.eliminado)
        this.noLeidos = Math.max(0, this.noLeidos - 1);
    }
  }

  /**
   * Los mensajes propios hasta ahí alcanzan ese estado; devuelve los que cambian.
   *
   * @param {EstadoMensaje} estado
   * @param {number} hasta
   */
  alcanzar(estado, hasta) {
    return this.historial.cambiarTodos(
      (m) => m.secuencia <= hasta && m.remitente?._id === this.yo && adelanta(estado, m),
      (m) => ({ ...m, estado }),
    );
  }

  /**
   * Lo mismo, deducido de hasta dónde llegaron los demás: repone los avisos que se perdieron. De una
   * numerosa no se sabe.
   */
  alcanzarPorCursores() {
    if (this.numerosa) return [];
    const otros = this.conversacion.participantes.filter((p) => p.activo && p.usuario._id !== this.yo);
    if (!otros.length) return [];
    const leido = Math.min(...otros.map((p) => p.leidoHasta));
    const entregado = Math.min(...otros.map((p) => Math.max(p.entregadoHasta, p.leidoHasta)));
    return [...this.alcanzar("leido", leido), ...this.alcanzar("entregado", entregado)];
  }
}

/**
 * @param {Participante} participante
 * @param {Participante | undefined} previo
 */
function conCursores(participante, previo) {
  if (!previo) return participante;
  return {
    ...participante,
    leidoHasta: Math.max(participante.leidoHasta, previo.leidoHasta),
    entregadoHasta: Math.max(participante.entregadoHasta, previo.entregadoHasta),
  };
}
