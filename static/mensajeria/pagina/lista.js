import { Archivadas } from "./archivadas.js";
import { avatarDeConversacion } from "./avatar.js";
import { borradorDe } from "./borradores.js";
import { el, oculto, porFotograma, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { senales } from "./senales.js";
import { cuando, enPalabras, ESTADOS, nombreDe, resumen, tituloDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje } from "../cliente/eventos.js"
 * @import { Avisos, EstadoMensaje } from "../cliente/tipos.js"
 *
 * @typedef {"cargando" | "lista" | "fallo"} Estado
 */

/** @type {(keyof Avisos)[]} los avisos que cambian alguna fila */
const CAMBIOS = ["conversacion", "conversacion_quitada", "escribiendo", "cola"];

/** La lista de conversaciones: en orden de actividad, con lo último de cada una. */
export class Lista {
  #cliente;
  /** @type {Map<string, HTMLElement>} */
  #filas = new Map();
  /** @type {string | null} */
  #abierta = null;
  /** @type {Estado} */
  #estado = "cargando";
  /** @type {unknown} */
  #error = null;
  #pintar = porFotograma(() => this.#dibujar());
  #mirador;
  #archivadas;

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    this.#cliente = cliente;
    this.#mirador = new IntersectionObserver((vistas) => this.#alVer(vistas), {
      root: porId("lista-marco"),
      rootMargin: "200px",
    });
    this.#archivadas = new Archivadas(cliente, () => this.#pintar());
    for (const aviso of CAMBIOS) cliente.on(aviso, () => this.#pintar());
    cliente.on("mensajes", ({ conversacionId, mensajes }) => {
      const ultima = cliente.conversacion(conversacionId)?.ultimaSecuencia;
      if (mensajes.some((m) => m.secuencia === ultima)) this.#pintar();
    });
    cliente.on("conversaciones", () => this.#pasarA("lista"));
    porId("filtro").addEventListener("input", () => this.#pintar());
    porId("lista-mas").addEventListener("click", () => this.#leer({ mas: true }));
  }

  /** @param {string | null} id */
  abierta(id) {
    if (id !== null && id !== this.#abierta) this.#archivadas.seguir(id);
    this.#abierta = id;
    this.#pintar();
  }

  vaciar() {
    this.#filas.clear();
    porId("lista").replaceChildren();
    porId("filtro").value = "";
    this.#pasarA("cargando");
  }

  /**
   * No se pudo leer la lista; `true` si aquí ya se dice.
   *
   * @param {unknown} error
   */
  fallo(error) {
    if (this.#estado === "lista") return false;
    this.#pasarA("fallo", error);
    return true;
  }

  /** @param {{mas?: boolean}} [opciones] */
  async #leer(opciones) {
    try {
      await this.#cliente.listar(opciones);
    } catch (error) {
      // Sin conexión lo dice la banda, y al volver se lee.
      if (this.#cliente.estado === "lista") this.#pasarA("fallo", error);
    }
  }

  /**
   * @param {Estado} estado
   * @param {unknown} [error]
   */
  #pasarA(estado, error = null) {
    this.#estado = estado;
    this.#error = error;
    this.#pintar();
  }

  #visibles() {
    const filtro = normal(porId("filtro").value);
    const todas = this.#cliente.conversaciones;
    if (!filtro) return this.#archivadas.entre(todas);
    return todas.filter((c) => normal(tituloDe(c, this.#cliente.usuarioId)).includes(filtro));
  }

  #dibujar() {
    const visibles = this.#cliente.usuarioId ? this.#visibles() : [];
    const lista = porId("lista");
    const filas = visibles.map((c) => this.#fila(c));
    const foco = /** @type {HTMLElement | null} */ (document.activeElement);
    filas.forEach(
      (fila, i) => lista.children[i] === fila || lista.insertBefore(fila, lista.children[i] ?? null),
    );
    while (lista.children.length > filas.length) lista.lastElementChild?.remove();
    // Mover una fila de sitio le quita el foco.
    if (foco?.isConnected && foco !== document.activeElement && lista.contains(foco)) foco.focus();
    porId("lista-mas").hidden = !this.#cliente.hayMasConversaciones || this.#archivadas.mirando;
    this.#archivadas.pintar();
    this.#avisar(visibles.length);
  }

  /** @param {number} cuantas */
  #avisar(cuantas) {
    const aviso = porId("lista-aviso");
    listaVacia(aviso, cuantas, this.#estado, this.#error, porId("filtro").value, () => {
      this.#pasarA("cargando");
      this.#cliente.reintentar();
      this.#leer();
    });
  }

  /** @param {Conversacion} conversacion */
  #fila(conversacion) {
    let fila = this.#filas.get(conversacion._id);
    if (!fila) {
      fila = el(
        "li",
        { "data-id": conversacion._id },
        el("a.conversacion-fila", { href: `#/c/${encodeURIComponent(conversacion._id)}` }),
      );
      this.#filas.set(conversacion._id, fila);
      this.#mirador.observe(fila);
    }
    const enlace = /** @type {HTMLElement} */ (fila.firstElementChild);
    if (conversacion._id === this.#abierta) enlace.setAttribute("aria-current", "page");
    else enlace.removeAttribute("aria-current");
    this.#rellenar(enlace, conversacion);
    return fila;
  }

  /**
   * @param {HTMLElement} enlace
   * @param {Conversacion} c
   */
  #rellenar(enlace, c) {
    const noLeidos = this.#cliente.noLeidos(c._id);
    enlace.classList.toggle("sin-leer", noLeidos > 0);
    const cabeza = el(
      "span.fila-cabeza",
      {},
      el("bdi.fila-titulo", { texto: tituloDe(c, this.#cliente.usuarioId) }),
      c.estadisticas.ultimoMensaje &&
        el("time.fila-hora", {
          datetime: c.estadisticas.ultimoMensaje,
          texto: cuando(c.estadisticas.ultimoMensaje),
        }),
    );
    const pie = el("span.fila-pie", {}, this.#ultimo(c), ...senales(c));
    if (noLeidos)
      pie.append(
        el(
          "span.insignia",
          {},
          el("span", { "aria-hidden": "true", texto: noLeidos > 999 ? "999+" : noLeidos }),
          oculto(t("{n} sin leer", { n: noLeidos })),
        ),
      );
    const enLinea = avatarDeConversacion(c, this.#cliente.usuarioId);
    const presente = enLinea.querySelector(".en-linea-punto") && oculto(`${t("En línea")}. `);
    enlace.replaceChildren(enLinea, el("span.fila-cuerpo", {}, cabeza, presente ?? "", pie));
  }

  /** @param {Conversacion} c */
  #ultimo(c) {
    const escriben = this.#cliente.escriben(c._id);
    if (escriben.length) return el("span.fila-ultimo.escribe", { texto: t("Escribiendo…") });
    const pendiente = this.#cliente.pendientes(c._id).at(-1);
    if (pendiente) {
      const clase = pendiente.estado === "fallido" ? "fallo" : "";
      return el(
        "span.fila-ultimo",
        { class: `fila-ultimo ${clase}` },
        icono(clase ? "alerta" : "reloj"),
        el("bdi", { texto: pendiente.datos.contenido.texto?.trim() || pendiente.archivo?.nombre }),
      );
    }
    const borrador = c._id !== this.#abierta && borradorDe(c._id).trim();
    if (borrador)
      return el(
        "span.fila-ultimo",
        {},
        el("span.escribe", { texto: `${t("Borrador")}: ` }),
        el("bdi", { texto: borrador }),
      );
    const m = this.#cliente.mensaje(c._id, c.ultimaSecuencia);
    if (!m) {
      const texto = c.ultimaSecuencia ? "…" : t("Sin mensajes todavía");
      return el("span.fila-ultimo.suave", { texto });
    }
    return el(
      "span.fila-ultimo",
      {},
      this.#autor(c, m),
      el("bdi", { texto: resumen(m), class: m.eliminado.eliminado ? "cursiva" : "" }),
    );
  }

  /**
   * @param {Conversacion} c
   * @param {Mensaje} m
   */
  #autor(c, m) {
    if (m.remitente?._id === this.#cliente.usuarioId) {
      if (m.eliminado.eliminado) return el("span", { texto: `${t("Tú")}: ` });
      return el("span", {}, marcaDe(m.estado), oculto(`${t("Tú")}, ${ESTADOS[m.estado].toLowerCase()}: `));
    }
    return c.tipo === "individual" || m.contenido.tipo === "sistema"
      ? ""
      : el("bdi", { texto: `${m.remitente?.nombre ?? nombreDe(null)}: ` });
  }

  /**
   * Lo último de una conversación solo se lee si se ve.
   *
   * @param {IntersectionObserverEntry[]} vistas
   */
  #alVer(vistas) {
    for (const { isIntersecting, target } of vistas) {
      const c = isIntersecting && this.#cliente.conversacion(target.getAttribute("data-id") ?? "");
      if (c && c.ultimaSecuencia)
        this.#cliente.cargar(c._id, c.ultimaSecuencia, c.ultimaSecuencia).catch(() => {});
    }
  }
}

/** @param {string} texto */
const normal = (texto) => texto.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();

/** @param {EstadoMensaje} estado */
export function marcaDe(estado) {
  const dibujo = icono(estado === "enviado" ? "uno" : estado === "fallido" ? "alerta" : "dos");
  dibujo.classList.add("marca-estado", `marca-${estado}`);
  return dibujo;
}

/**
 * @param {HTMLElement} aviso
 * @param {number} cuantas
 * @param {Estado} estado
 * @param {unknown} error
 * @param {string} filtro
 * @param {() => void} reintentar
 */
function listaVacia(aviso, cuantas, estado, error, filtro, reintentar) {
  aviso.removeAttribute("aria-hidden");
  aviso.hidden = cuantas > 0 && estado !== "fallo";
  if (aviso.hidden) return aviso.replaceChildren();
  if (estado === "cargando") return aviso.replaceChildren(...esqueletos(5));
  if (estado === "fallo") {
    aviso.replaceChildren(
      el("p", { texto: enPalabras(error) }),
      el("button.boton.boton-suave", { type: "button", texto: t("Reintentar"), click: reintentar }),
    );
    return;
  }
  const texto = filtro
    ? t("Ninguna conversación coincide.")
    : t("Aún no tienes conversaciones. Empieza una con el lápiz de arriba.");
  aviso.replaceChildren(el("p.suave", { texto }));
}

/** @param {number} cuantos */
function esqueletos(cuantos) {
  const fila = () =>
    el(
      "div.esqueleto-fila",
      { "aria-hidden": "true" },
      el("span.esqueleto.esqueleto-avatar"),
      el("span.esqueleto-lineas", {}, el("span.esqueleto"), el("span.esqueleto.corta")),
    );
  return [oculto(t("Cargando conversaciones…")), ...Array.from({ length: cuantos }, fila)];
}
