import { anunciar, el, oculto, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { enPalabras, hora, sinPunto, tamano } from "./textos.js";
import { vistaDe } from "./vista_local.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Codigo, Envio } from "../cliente/tipos.js"
 */

// Con estos, repetirlo es volver a oír que no.
/** @type {Set<Codigo>} */
const DEL_ARCHIVO = new Set([
  "PAYLOAD_TOO_LARGE",
  "FILE_EMPTY",
  "FILE_TYPE_NOT_ALLOWED",
  "FILE_DAMAGED",
  "FILE_AMBIGUOUS",
  "FILE_BOMB",
  "FILE_INFECTED",
  "ARCHIVO_PERDIDO",
  "ARCHIVO_RETIRADO",
]);

/** Los mensajes propios que aún no están en el historial, tras el último. */
export class Pendientes {
  #cliente;
  #id = "";
  /** @type {Map<string, HTMLElement>} */
  #filas = new Map();
  /** @type {Map<Envio, string>} lo último que se dijo de cada uno */
  #dicho = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #segundero;

  /** @param {ClienteMensajeria} cliente */
  constructor(cliente) {
    this.#cliente = cliente;
    cliente.on("cola", ({ conversacionId, envios }) => {
      envios.forEach((envio) => this.#decir(envio));
      for (const envio of this.#dicho.keys())
        if (envio.conversacionId === conversacionId && !envios.includes(envio)) this.#despedir(envio);
    });
    cliente.on("progreso", ({ idCliente, fraccion }) => this.#progresar(idCliente, fraccion));
  }

  /** @param {string} id */
  pintar(id) {
    if (id !== this.#id) this.#filas.clear();
    this.#id = id;
    const lista = porId("pendientes");
    const envios = this.#cliente.pendientes(id);
    const conFoco = lista.contains(document.activeElement);
    const filas = envios.map((envio) => this.#fila(envio));
    this.#filas = new Map(envios.map(({ idCliente }, i) => [idCliente, filas[i]]));
    lista.hidden = !filas.length;
    clearInterval(this.#segundero);
    if (envios.some((e) => e.error?.reintentarA)) this.#segundero = setInterval(() => this.#contar(), 1_000);
    if (filas.some((fila, i) => lista.children[i] !== fila) || lista.children.length !== filas.length)
      lista.replaceChildren(...filas);
    // El botón que se pulsó ya no está.
    if (conFoco && !lista.contains(document.activeElement)) porId("redactor-texto").focus();
  }

  /**
   * A quien no ve su fila, o está en otra conversación: que no se envió, o que espera. Una vez, aunque
   * se intente muchas.
   *
   * @param {Envio} envio
   */
  #decir(envio) {
    const { estado, error, archivo } = envio;
    const quien = archivo?.nombre ?? t("El mensaje");
    let dice = "";
    if (estado === "fallido") dice = [quien, noSeEnvio(envio)].join(": ");
    else if (error) dice = [quien, espera(error)].join(": ");
    else if (estado !== "pendiente" && this.#dicho.has(envio)) return;
    const nuevo = this.#dicho.has(envio) && dice && this.#dicho.get(envio) !== dice;
    this.#dicho.set(envio, dice);
    if (nuevo) anunciar(dice, estado === "fallido");
  }

  /**
   * Ya no está por enviar. De un archivo, que tarda, se dice que salió.
   *
   * @param {Envio} envio
   */
  #despedir(envio) {
    this.#dicho.delete(envio);
    const salio = envio.estado === "enviando" || envio.estado === "enviado";
    if (envio.archivo && salio) anunciar(t("{nombre}, enviado", { nombre: envio.archivo.nombre }));
  }

  /**
   * La de antes, si nada cambió: quien va a cancelar no pierde el botón.
   *
   * @param {Envio} envio
   */
  #fila(envio) {
    const estado = `${envio.estado} ${envio.error?.code}`;
    const previa = this.#filas.get(envio.idCliente);
    if (previa?.dataset.estado === estado) return previa;
    const fallido = envio.estado === "fallido";
    const columna = el("div.mensaje-columna", {}, this.#burbuja(envio, previa), this.#nota(envio));
    const clase = `li.fila.propia.por-enviar${fallido ? ".fallida" : ""}`;
    const fila = el(clase, {}, el("div.mensaje", {}, columna));
    fila.dataset.estado = estado;
    return fila;
  }

  /**
   * @param {Envio} envio
   * @param {HTMLElement} [previa]
   */
  #burbuja(envio, previa) {
    const texto = envio.datos.contenido.texto ?? "";
    return el(
      "div.burbuja",
      {},
      oculto(`${t("Tú")}: `),
      envio.archivo && this.#archivo(envio, previa),
      (texto || !envio.archivo) && el("p.texto", { dir: "auto", texto }),
      pie(envio),
    );
  }

  /**
   * @param {Envio} envio
   * @param {HTMLElement} [previa]
   */
  #archivo({ idCliente, archivo, estado }, previa) {
    const { nombre = "", tamano: bytes = 0 } = archivo ?? {};
    const blob = this.#cliente.archivoPendiente(idCliente);
    const vista = blob ? vistaDe(blob) : (previa?.querySelector(".vista") ?? icono("archivo"));
    const va = /** @type {HTMLProgressElement | null} */ (previa?.querySelector("progress") ?? null);
    const barra = el("progress", {
      max: 1,
      value: va?.value ?? 0,
      "aria-label": t("Subiendo {nombre}", { nombre }),
    });
    const clic = () => {
      this.#cliente.descartar(idCliente);
      anunciar(t("{nombre}, cancelado", { nombre }));
    };
    const cancelar = el(
      "button.boton-icono",
      { type: "button", "aria-label": t("Cancelar {nombre}", { nombre }), click: clic },
      icono("cerrar"),
    );
    const cancelable = estado !== "fallido" && estado !== "enviando" && estado !== "enviado";
    return el(
      "div.subida",
      {},
      vista,
      el(
        "span.adjunto-datos",
        {},
        el("bdi.adjunto-nombre", { texto: nombre }),
        el("span.subida-estado", { texto: `${enCurso(estado)}${tamano(bytes)}` }),
        estado === "subiendo" && barra,
      ),
      cancelable && cancelar,
    );
  }

  /** @param {Envio} envio */
  #nota(envio) {
    const { idCliente, estado, error } = envio;
    if (estado !== "fallido") return error && el("p.envio-nota.suave", { texto: esperaAhora(error) });
    return el(
      "p.envio-nota.fallo",
      {},
      el("span", { texto: noSeEnvio(envio) }),
      !(error && DEL_ARCHIVO.has(error.code)) &&
        el("button.boton-texto", {
          type: "button",
          texto: t("Reintentar"),
          click: () => this.#cliente.reenviar(idCliente),
        }),
      el("button.boton-texto", {
        type: "button",
        texto: t("Descartar"),
        click: () => this.#cliente.descartar(idCliente),
      }),
    );
  }

  /** Lo que falta para que salgan los que esperan: se ve, pero no se anuncia. */
  #contar() {
    for (const { idCliente, estado, error } of this.#cliente.pendientes(this.#id)) {
      const nota = this.#filas.get(idCliente)?.querySelector(".envio-nota");
      if (nota && error && estado !== "fallido") nota.textContent = esperaAhora(error);
    }
  }

  /**
   * @param {string} idCliente
   * @param {number} fraccion
   */
  #progresar(idCliente, fraccion) {
    const fila = this.#filas.get(idCliente);
    const barra = fila?.querySelector("progress");
    if (barra) barra.value = fraccion;
    const cuanto = fila?.querySelector(".subida-estado");
    const va = fraccion < 1 ? t("Subiendo, {n} %", { n: Math.floor(fraccion * 100) }) : t("Comprobando…");
    if (cuanto) cuanto.textContent = va;
  }
}

/** @param {Envio["estado"]} estado */
function enCurso(estado) {
  if (estado === "subiendo") return `${t("Subiendo")} · `;
  return estado === "revisando" ? `${t("Lo revisa el antivirus")} · ` : "";
}

/** @param {Envio} envio */
function pie({ estado, creado }) {
  const fallido = estado === "fallido";
  return el(
    "p.pie",
    {},
    el("time", { datetime: creado, texto: hora(creado) }),
    icono(fallido ? "alerta" : "reloj"),
    oculto(fallido ? t("No se envió") : t("Por enviar")),
  );
}

/** @param {Envio} envio */
const noSeEnvio = ({ error, archivo }) =>
  t("No se envió. {motivo}.", { motivo: sinPunto(enPalabras(error, archivo?.nombre)) });

/** @typedef {NonNullable<Envio["error"]>} Espera */

/** @param {Espera} error */
const espera = (error) => t("{motivo}. Se enviará en cuanto se pueda.", { motivo: motivoDe(error) });

/** @param {Espera} error */
function esperaAhora(error) {
  const n = Math.ceil(((error.reintentarA ?? 0) - Date.now()) / 1000);
  if (n < 1) return espera(error);
  return t("{motivo}. Se enviará en {n} s.", { motivo: motivoDe(error), n });
}

/** @param {Espera} error */
const motivoDe = ({ code, message }) =>
  code === "RATE_LIMITED"
    ? t("Escribes más deprisa de lo que se admite")
    : sinPunto(enPalabras({ code, message }));
