import { avisar } from "./avisos.js";
import { Buscador, seVe } from "./buscador.js";
import { el, porId } from "./dom.js";
import { rutaPara } from "./foto.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { ponerImagen } from "./imagenes.js";
import { descargar } from "./medios.js";
import { callar } from "./reproductor.js";
import { aislado, dia, enPalabras, hora, nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Mensaje } from "../cliente/eventos.js"
 * @import { ConArchivo } from "./buscador.js"
 *
 * @typedef {object} Salidas
 * @property {(id: string, secuencia: number) => void} volver devuelve el foco a ese mensaje
 * @property {(mensajeId: string) => void} irA lleva a la vista ese mensaje
 */

// Lo que hay que arrastrar con el dedo para pasar a otra.
const ARRASTRE = 60;
// Lo que una flecha mueve la imagen ampliada.
const PASO = 80;
/** @type {Record<string, [number, number]>} */
const HACIA = {
  ArrowLeft: [-PASO, 0],
  ArrowRight: [PASO, 0],
  ArrowUp: [0, -PASO],
  ArrowDown: [0, PASO],
};
// Pueden ser una animación, y sus miniaturas no lo son.
const SE_MUEVEN = new Set(["image/gif", "image/webp", "image/png"]);

/** El visor de las imágenes y los vídeos de una conversación, una tras otra. */
export class Visor {
  #cliente;
  #salidas;
  #buscador;
  /** @type {ConArchivo | null} */
  #visto = null;
  #id = "";
  // El mensaje desde el que se abrió.
  #origen = 0;

  /**
   * @param {ClienteMensajeria} cliente
   * @param {Salidas} salidas
   */
  constructor(cliente, salidas) {
    this.#cliente = cliente;
    this.#salidas = salidas;
    this.#buscador = new Buscador(cliente);
    const dialogo = porId("visor");
    dialogo.addEventListener("keydown", (evento) => this.#alTeclear(evento));
    dialogo.addEventListener("close", () => this.#alCerrar());
    porId("visor-anterior").addEventListener("click", () => this.#mover(-1));
    porId("visor-siguiente").addEventListener("click", () => this.#mover(1));
    porId("visor-ampliar").addEventListener("click", () => ampliar());
    porId("visor-descargar").addEventListener("click", () => {
      if (this.#visto) descargar(this.#visto.contenido.archivo);
    });
    porId("visor-ir").addEventListener("click", () => this.#irAlMensaje());
    alArrastrar(porId("visor-marco"), (paso) => this.#mover(paso));
    cliente.on("mensajes", ({ mensajes }) => {
      const quitado = mensajes.some((m) => m._id === this.#visto?._id && m.eliminado.eliminado);
      if (!quitado) return;
      this.cerrar();
      avisar(t("Se eliminó lo que estabas viendo."));
    });
  }

  /**
   * @param {string} id el de su conversación
   * @param {Mensaje} mensaje
   */
  abrir(id, mensaje) {
    if (!seVe(mensaje)) return;
    this.#id = id;
    this.#origen = mensaje.secuencia;
    callar();
    porId("visor").showModal();
    this.#mostrar(mensaje);
    porId("visor-cerrar").focus();
  }

  cerrar() {
    porId("visor").close();
  }

  #alCerrar() {
    this.#visto = null;
    this.#buscador.dejar();
    porId("visor-marco").replaceChildren();
    this.#salidas.volver(this.#id, this.#origen);
  }

  #irAlMensaje() {
    const mensajeId = this.#visto?._id;
    this.cerrar();
    // El foco vuelve a quien abrió el visor al cerrarse; después, al mensaje.
    if (mensajeId) setTimeout(() => this.#salidas.irA(mensajeId));
  }

  /** @param {ConArchivo} mensaje */
  #mostrar(mensaje) {
    this.#visto = mensaje;
    const { archivo, texto } = mensaje.contenido;
    const esVideo = archivo.clase === "video";
    porId("visor-titulo").textContent = archivo.nombre;
    const cuando = [dia(mensaje.fechaEnvio), hora(mensaje.fechaEnvio)].join(", ");
    porId("visor-detalle").textContent = `${aislado(nombreDe(mensaje.remitente))} · ${cuando}`;
    porId("visor-texto").textContent = texto;
    porId("visor-texto").hidden = !texto.trim();
    for (const boton of ["visor-anterior", "visor-siguiente"]) porId(boton).removeAttribute("aria-disabled");
    this.#decir("");
    ampliar(false);
    porId("visor-ampliar").hidden = esVideo;
    porId("visor-marco").replaceChildren(esVideo ? this.#video(mensaje) : this.#imagen(mensaje));
  }

  /** @param {ConArchivo} mensaje */
  #imagen({ contenido: { archivo } }) {
    const { ancho = 0, alto = 0, nombre, borroso, miniaturas = [], tipo } = archivo;
    const img = el("img.visor-imagen", { width: ancho, height: alto, alt: nombre, draggable: "false" });
    img.style.setProperty("--ancho", String(ancho));
    img.style.setProperty("--alto", String(alto));
    img.addEventListener("click", () => ampliar());
    if (borroso) img.src = borroso;
    img.classList.add("borrosa");
    const ruta = rutaPara(archivo, Math.max(innerWidth, innerHeight));
    const basta = miniaturas.some((m) => m.url === ruta && m.ancho === ancho) && !SE_MUEVEN.has(tipo);
    ponerImagen(img, ruta, (error) => {
      const motivo = error && enPalabras(error);
      if (motivo) return this.#siSeMira(archivo._id, t("No se puede ver. {motivo}", { motivo }));
      img.classList.remove("borrosa");
      if (basta) return;
      // En su tamaño, y si es una animación, en movimiento.
      const entera = new Image();
      entera.addEventListener("load", () => (img.src = entera.src));
      this.#abrirEnlace(entera, archivo._id);
    });
    return img;
  }

  /** @param {ConArchivo} mensaje */
  #video({ contenido: { archivo } }) {
    const video = el("video.visor-video", {
      controls: true,
      playsinline: true,
      autoplay: true,
      "aria-label": t("Vídeo {nombre}", { nombre: archivo.nombre }),
    });
    this.#abrirEnlace(video, archivo._id);
    return video;
  }

  /**
   * Con un enlace que, si caduca, se cambia por otro y sigue por donde iba.
   *
   * @param {HTMLImageElement | HTMLVideoElement} medio
   * @param {string} id
   */
  async #abrirEnlace(medio, id, otra = false) {
    const en = medio instanceof HTMLVideoElement ? medio.currentTime : 0;
    try {
      medio.src = await this.#cliente.archivos.enlace(id, { otra });
    } catch (error) {
      return this.#siSeMira(id, enPalabras(error));
    }
    if (medio instanceof HTMLVideoElement && en) medio.currentTime = en;
    // Uno que ya se vio tenía un enlace bueno: si este caduca, se pide otro.
    medio.addEventListener("playing", () => (otra = false), { once: true });
    const alFallar = () => {
      const roto = medio instanceof HTMLVideoElement && medio.error?.code === MediaError.MEDIA_ERR_DECODE;
      if (otra || roto) this.#noSeAbre(medio, id);
      else this.#abrirEnlace(medio, id, true);
    };
    medio.addEventListener("error", alFallar, { once: true });
  }

  /**
   * En lugar de unos mandos que no mandan, su dibujo.
   *
   * @param {HTMLImageElement | HTMLVideoElement} medio
   * @param {string} id
   */
  #noSeAbre(medio, id) {
    if (medio instanceof HTMLVideoElement) {
      medio.hidden = true;
      medio.after(icono("video"));
    }
    this.#siSeMira(id, t("No se pudo abrir. Descárgalo para verlo."));
  }

  /**
   * @param {string} id
   * @param {string} texto
   */
  #siSeMira(id, texto) {
    if (this.#visto?.contenido.archivo._id === id) this.#decir(texto);
  }

  /** @param {1 | -1} paso */
  async #mover(paso) {
    const desde = this.#visto;
    if (!desde) return;
    const boton = porId(paso < 0 ? "visor-anterior" : "visor-siguiente");
    try {
      const alLeer = () => this.#decir(t("Buscando…"));
      const hallado = await this.#buscador.siguiente(this.#id, desde.secuencia, paso, alLeer);
      if (!hallado || this.#visto !== desde) return;
      if (hallado.mensaje) return this.#mostrar(hallado.mensaje);
      if (!hallado.fin) return this.#decir(t("Cerca no hay ninguna. Vuelve a pulsar para seguir buscando."));
      boton.setAttribute("aria-disabled", "true");
      this.#decir(paso < 0 ? t("No hay ninguna anterior.") : t("No hay ninguna más."));
    } catch (error) {
      if (this.#visto === desde) this.#decir(enPalabras(error));
    }
  }

  /** @param {string} texto */
  #decir(texto) {
    porId("visor-aviso").textContent = texto;
    porId("visor-aviso").hidden = !texto;
  }

  /** @param {KeyboardEvent} evento */
  #alTeclear(evento) {
    const { key } = evento;
    if (key === "Tab") return atrapar(evento);
    // En un vídeo, las flechas son suyas.
    if (evento.target instanceof HTMLVideoElement) return;
    if (evento.altKey || evento.ctrlKey || evento.metaKey || !(key in HACIA)) return;
    const [x, y] = HACIA[key];
    const marco = porId("visor-marco");
    if (!marco.classList.contains("ampliada") && !x) return;
    evento.preventDefault();
    if (marco.classList.contains("ampliada")) marco.scrollBy(x, y);
    else this.#mover(x < 0 ? -1 : 1);
  }
}

/** De caber entera a su tamaño, y al revés. Ampliada empieza por el centro, y se llega con el teclado. */
function ampliar(si = !porId("visor-marco").classList.contains("ampliada")) {
  const marco = porId("visor-marco");
  marco.classList.toggle("ampliada", si);
  marco.tabIndex = si ? 0 : -1;
  marco.scrollTo((marco.scrollWidth - marco.clientWidth) / 2, (marco.scrollHeight - marco.clientHeight) / 2);
  porId("visor-ampliar").setAttribute("aria-pressed", String(si));
}

/**
 * El foco da la vuelta: no sale a la barra del navegador.
 *
 * @param {KeyboardEvent} evento
 */
function atrapar(evento) {
  const dialogo = /** @type {HTMLElement} */ (evento.currentTarget);
  const todos = [...dialogo.querySelectorAll(/** @type {"button"} */ ("button, video, [tabindex='0']"))];
  const visibles = todos.filter((uno) => uno.offsetParent !== null);
  const [primero, ultimo] = [visibles[0], visibles.at(-1)];
  if (document.activeElement !== (evento.shiftKey ? primero : ultimo)) return;
  evento.preventDefault();
  (evento.shiftKey ? ultimo : primero)?.focus();
}

/**
 * Con el dedo, de lado.
 *
 * @param {HTMLElement} marco
 * @param {(paso: 1 | -1) => void} hacer
 */
function alArrastrar(marco, hacer) {
  /** @type {Touch | null} */
  let inicio = null;
  marco.addEventListener(
    "touchstart",
    ({ touches }) => (inicio = touches.length === 1 ? touches[0] : null),
    { passive: true },
  );
  marco.addEventListener("touchend", ({ changedTouches: [fin] }) => {
    const x = inicio ? fin.clientX - inicio.clientX : 0;
    const y = inicio ? fin.clientY - inicio.clientY : 0;
    // Con la imagen ampliada, arrastrar la mueve.
    if (marco.classList.contains("ampliada")) return;
    if (Math.abs(x) >= ARRASTRE && Math.abs(x) > 1.5 * Math.abs(y)) hacer(x > 0 ? -1 : 1);
  });
}
