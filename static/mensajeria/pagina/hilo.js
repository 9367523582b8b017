import { anunciar, el, oculto, porFotograma, porId } from "./dom.js";
import { rellenarFila } from "./fila.js";
import { enPalabras, nombreDe, resumen } from "./textos.js";
import { Ventana } from "./ventana.js";

// Cuántos mensajes se piden más allá de lo que se ve.
const PREVISION = 60;
// Al arrastrar la barra no se pide cada sitio por el que se pasa.
const REPOSO = 90;
const DESTELLO = 1_600;

/** Los mensajes de la conversación abierta: carga, dibujo, lectura y divisor de no leídos. */
export class Hilo {
  #cliente;
  #acciones;
  #ventana;
  #id = null;
  #divisor = 0;
  #activa = 0;
  #cargas = 0;
  #reloj;
  #error = null;
  // Lo que el servidor no tiene (una importación con huecos): no se vuelve a pedir.
  #inexistentes = new Set();
  #sucias = new Set();
  #refrescar = porFotograma(() => this.#refrescarSucias());

  /** `acciones`: lo que se puede hacer con un mensaje (`menu`, `reaccionar`, `irA`). */
  constructor(cliente, acciones) {
    this.#cliente = cliente;
    this.#acciones = { ...acciones, irA: (id) => this.irA(id) };
    this.#ventana = new Ventana({
      hilo: porId("hilo"),
      lista: porId("mensajes"),
      arriba: porId("espacio-arriba"),
      abajo: porId("espacio-abajo"),
      dibujar: (n, fila) => this.#dibujar(n, fila),
      alMirar: (desde, hasta) => this.#alMirar(desde, hasta),
    });
    this.#escuchar();
  }

  #escuchar() {
    this.#cliente.on(
      "mensajes",
      ({ conversacionId, mensajes }) => conversacionId === this.#id && this.#alCambiar(mensajes),
    );
    this.#cliente.on(
      "mensaje_nuevo",
      ({ conversacionId, mensaje }) => conversacionId === this.#id && this.#alLlegar(mensaje),
    );
    porId("hilo").addEventListener("keydown", (evento) => this.#alTeclear(evento));
    porId("mensajes").addEventListener("focusin", ({ target }) =>
      this.#activar(Number(target.closest(".fila")?.dataset.n)),
    );
    porId("bajar").addEventListener("click", () => this.irAlFinal());
    addEventListener("focus", () => this.#leerLoVisto());
    document.addEventListener("visibilitychange", () => this.#leerLoVisto());
  }

  /** Muestra una conversación, por donde se dejó de leer. */
  abrir(id) {
    this.#id = id;
    this.#error = null;
    this.#activa = 0;
    this.#inexistentes.clear();
    porId("bajar").hidden = true;
    const { ultimaSecuencia, participantes } = this.#cliente.conversacion(id);
    const propio = participantes.find((p) => p.usuario._id === this.#cliente.usuarioId);
    const sinLeer = this.#cliente.noLeidos(id);
    this.#divisor = sinLeer ? (propio?.leidoHasta ?? 0) + 1 : 0;
    this.#ventana.empezar(ultimaSecuencia, this.#divisor || undefined);
    const centro = this.#divisor || ultimaSecuencia;
    this.#cargar(centro - PREVISION, Math.min(ultimaSecuencia, centro + PREVISION));
    this.#estadoVacio();
  }

  cerrar() {
    this.#id = null;
    this.#ventana.empezar(0);
  }

  irAlFinal() {
    this.#ventana.irAlFinal();
    porId("hilo").focus();
  }

  /** Lleva a la vista el mensaje citado, cargándolo si hace falta. */
  async irA(mensajeId) {
    const id = this.#id;
    try {
      const { secuencia } =
        this.#cliente.mensajePorId(id, mensajeId) ?? (await this.#cliente.leerMensaje(mensajeId));
      await this.#cliente.cargar(id, secuencia - PREVISION / 2, secuencia + PREVISION / 2);
      if (id !== this.#id) return;
      this.#ventana.ir(secuencia);
      this.#enfocar(secuencia);
      const fila = this.#ventana.fila(secuencia);
      fila?.classList.add("destello");
      setTimeout(() => fila?.classList.remove("destello"), DESTELLO);
    } catch (error) {
      this.#acciones.fallo(error);
    }
  }

  /** El último mensaje propio que se ve, para editarlo. */
  get ultimoPropio() {
    for (const n of this.#ventana.dibujadas.sort((a, b) => b - a)) {
      const m = this.#cliente.mensaje(this.#id, n);
      if (m?.remitente?._id === this.#cliente.usuarioId && !m.eliminado.eliminado) return m;
    }
    return null;
  }

  /** Quien escribe ve lo que envía. */
  seguirElFinal() {
    this.#divisor = 0;
    this.#ventana.irAlFinal();
    this.#ventana.refrescar(this.#ventana.dibujadas);
  }

  ajustar() {
    this.#ventana.pintar();
  }

  #dibujar(n, previa) {
    const fila = previa ?? el("li", { tabindex: "-1", "data-n": n });
    fila.setAttribute("aria-posinset", n);
    fila.setAttribute("aria-setsize", this.#ventana.total);
    fila.tabIndex = n === this.#activa ? 0 : -1;
    const mensaje = this.#cliente.mensaje(this.#id, n);
    if (!mensaje) return hueco(fila);
    const accion = fila.contains(document.activeElement) && document.activeElement.dataset.accion;
    rellenarFila(fila, mensaje, this.#entorno(n));
    this.#hacerAlcanzable(fila);
    if (accion) (fila.querySelector(`[data-accion="${accion}"]`) ?? fila).focus({ preventScroll: true });
    return fila;
  }

  #entorno(n) {
    const conversacion = this.#cliente.conversacion(this.#id);
    return {
      yo: this.#cliente.usuarioId,
      previo: this.#cliente.mensaje(this.#id, n - 1),
      primera: n === 1,
      divisor: n === this.#divisor,
      deGrupo: conversacion.tipo !== "individual" || conversacion.participantes.length > 2,
      personas: new Map(conversacion.participantes.map((p) => [p.usuario._id, p.usuario])),
      acciones: this.#acciones,
    };
  }

  // Con el tabulador se llega a la fila activa y a sus botones, no a los de todas.
  #hacerAlcanzable(fila) {
    const activa = Number(fila.dataset.n) === this.#activa;
    for (const boton of fila.querySelectorAll("button, a")) boton.tabIndex = activa ? 0 : -1;
  }

  #activar(n) {
    if (!n || n === this.#activa) return;
    const previa = this.#ventana.fila(this.#activa);
    this.#activa = n;
    for (const fila of [previa, this.#ventana.fila(n)]) {
      if (!fila) continue;
      fila.tabIndex = Number(fila.dataset.n) === n ? 0 : -1;
      this.#hacerAlcanzable(fila);
    }
  }

  #enfocar(n) {
    this.#activar(n);
    this.#ventana.fila(n)?.focus({ preventScroll: true });
  }

  #alTeclear(evento) {
    const enFila = evento.target.closest(".fila");
    const actual = enFila ? Number(enFila.dataset.n) : this.#ventana.vistas[1] + 1;
    const destinos = { ArrowUp: actual - 1, ArrowDown: actual + 1, Home: 1, End: this.#ventana.total };
    const { key } = evento;
    if (evento.altKey || evento.ctrlKey || evento.metaKey) return;
    if (key in destinos) {
      evento.preventDefault();
      this.#moverA(Math.max(1, Math.min(this.#ventana.total, destinos[key])), key);
    } else if (enFila === evento.target && (key === "Enter" || key === " ")) {
      evento.preventDefault();
      enFila.querySelector("[data-accion=menu]")?.click();
    }
  }

  #moverA(n, tecla) {
    if (!this.#ventana.total) return;
    if (tecla === "End") this.#ventana.irAlFinal();
    else if (!this.#ventana.fila(n)) this.#ventana.ir(n);
    this.#enfocar(n);
    this.#ventana.fila(n)?.scrollIntoView({ block: "nearest" });
  }

  #alMirar(desde, hasta) {
    if (!this.#id) return;
    this.#pedirCercanos(desde, hasta);
    porId("bajar").hidden = this.#ventana.alFinal;
    this.#leerLoVisto();
  }

  #anotarInexistentes(desde, hasta) {
    const ultima = Math.min(hasta, this.#ventana.total);
    for (let n = Math.max(1, desde); n <= ultima; n++) {
      if (!this.#cliente.mensaje(this.#id, n)) this.#inexistentes.add(n);
    }
  }

  #faltan(desde, hasta) {
    for (let n = desde; n <= hasta; n++) {
      if (!this.#cliente.mensaje(this.#id, n) && !this.#inexistentes.has(n)) return true;
    }
    return false;
  }

  #pedirCercanos(desde, hasta) {
    clearTimeout(this.#reloj);
    const primera = Math.max(1, desde - PREVISION);
    const ultima = Math.min(this.#ventana.total, hasta + PREVISION);
    if (!this.#faltan(primera, ultima)) return;
    // Quien desplaza sin parar recibe historia sin parar; quien salta, cuando se detiene.
    const salto = this.#faltan(desde, desde) && this.#faltan(hasta, hasta);
    if (salto) this.#reloj = setTimeout(() => this.#cargar(primera, ultima), REPOSO);
    else if (!this.#cargas) this.#cargar(primera, ultima);
  }

  async #cargar(desde, hasta) {
    const id = this.#id;
    this.#cargas++;
    porId("hilo").setAttribute("aria-busy", "true");
    try {
      await this.#cliente.cargar(id, desde, hasta);
      this.#error = null;
      if (id === this.#id) this.#anotarInexistentes(desde, hasta);
      this.#cliente.podar(id, desde - 500, hasta + 500);
    } catch (error) {
      this.#error = error;
    } finally {
      if (!--this.#cargas) porId("hilo").removeAttribute("aria-busy");
      if (id === this.#id) this.#alCargar();
    }
  }

  // Tras dibujar lo que llegó, que se hace al fotograma siguiente.
  #alCargar() {
    this.#estadoVacio();
    const seguir = () => {
      if (this.#cargas || !this.#id || this.#error) return;
      this.#ventana.pegarSiCabe();
      this.#alMirar(...this.#ventana.vistas);
    };
    requestAnimationFrame(() => requestAnimationFrame(seguir));
  }

  #alCambiar(mensajes) {
    // La fila siguiente depende de esta: su fecha y si va junta.
    for (const { secuencia } of mensajes) this.#sucias.add(secuencia).add(secuencia + 1);
    this.#refrescar();
  }

  #refrescarSucias() {
    if (!this.#id) return this.#sucias.clear();
    this.#ventana.crecer(this.#cliente.conversacion(this.#id)?.ultimaSecuencia ?? 0);
    this.#ventana.refrescar(this.#sucias);
    this.#sucias.clear();
    this.#estadoVacio();
    this.#leerLoVisto();
  }

  #alLlegar(mensaje) {
    const propia = mensaje.remitente?._id === this.#cliente.usuarioId;
    if (propia) return;
    anunciar(`${nombreDe(mensaje.remitente)}: ${resumen(mensaje)}`);
    const mirando = this.#atento && this.#ventana.pegada;
    if (!mirando && !this.#divisor) this.#divisor = mensaje.secuencia;
  }

  get #atento() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  #leerLoVisto() {
    if (!this.#id || !this.#atento || !this.#ventana.total || !porId("hilo").clientHeight) return;
    const mensaje = this.#cliente.mensaje(this.#id, this.#ventana.vistas[1]);
    if (mensaje) this.#cliente.leer(this.#id, mensaje);
    const sinLeer = this.#cliente.noLeidos(this.#id);
    porId("bajar-texto").textContent = sinLeer ? `${sinLeer} sin leer` : "Ir al último mensaje";
  }

  #estadoVacio() {
    const aviso = porId("hilo-aviso");
    const hay = this.#ventana.total > 0;
    aviso.hidden = hay && !this.#error;
    aviso.classList.toggle("fijo", hay);
    if (this.#error) {
      const reintentar = () => {
        this.#error = null;
        const [desde, hasta] = this.#ventana.vistas;
        this.#cargar(desde - PREVISION, hasta + PREVISION);
      };
      aviso.replaceChildren(
        el("p", { texto: `No se pudieron cargar los mensajes. ${enPalabras(this.#error)}` }),
        el("button.boton.boton-suave", { type: "button", texto: "Reintentar", click: reintentar }),
      );
    } else if (!hay)
      aviso.replaceChildren(
        el("p.vacio-titulo", { texto: "Aún no hay mensajes" }),
        el("p.suave", { texto: "Escribe el primero." }),
      );
  }
}

function hueco(fila) {
  fila.className = "fila hueca";
  fila.replaceChildren(el("span.esqueleto", { "aria-hidden": "true" }), oculto("Cargando…"));
  return fila;
}
