import { avatarDe } from "./avatar.js";
import { loDicho, parrafo } from "./contenido.js";
import { el, oculto } from "./dom.js";
import { esFoto, foto } from "./foto.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { vaJunto } from "./juntos.js";
import { marcaDe } from "./lista.js";
import { nombradosEn } from "./menciones.js";
import { reacciones } from "./reacciones.js";
import {
  aislado,
  dia,
  ESTADOS,
  fechaEntera,
  hora,
  mismoDia,
  nombreDe,
  PRIORIDADES,
  resumen,
  SIN_TEXTO,
} from "./textos.js";

/**
 * @import { Cita, Mensaje, Persona } from "../cliente/eventos.js"
 * @import { Sitio } from "./mosaico.js"
 * @import { Personas } from "./personas.js"
 *
 * @typedef {object} Acciones Lo que se puede hacer con un mensaje.
 * @property {(mensaje: Mensaje, boton: HTMLElement) => void} menu
 * @property {(mensaje: Mensaje, tipo: string | null) => void} reaccionar
 * @property {(mensajeId: string) => void} irA
 * @property {(mensaje: Mensaje) => void} ver abre su imagen o su vídeo
 *
 * @typedef {object} Entorno Lo que en una fila depende de los demás mensajes.
 * @property {string | null} yo
 * @property {Mensaje} [previo]
 * @property {boolean} primera
 * @property {boolean} divisor
 * @property {boolean} deGrupo
 * @property {Sitio | null} sitio el suyo en una rejilla de imágenes
 * @property {HTMLElement | null} foto la que su fila ya tenía
 * @property {(mensajeId: string) => Mensaje | undefined} citado el que se cita, si está cargado
 * @property {Personas} personas
 * @property {Acciones} acciones
 */

/**
 * Rellena la fila de un mensaje.
 *
 * @param {HTMLElement} fila
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
export function rellenarFila(fila, mensaje, entorno) {
  const { previo, yo } = entorno;
  const propia = mensaje.remitente?._id === yo;
  const nuevoDia = previo ? !mismoDia(mensaje.fechaEnvio, previo.fechaEnvio) : entorno.primera;
  const junto = !nuevoDia && !entorno.divisor && vaJunto(mensaje, previo);
  fila.className = `fila ${propia ? "propia" : "ajena"}${junto ? " junta" : ""}`;
  const partes = separadores(mensaje, nuevoDia, entorno.divisor);
  if (entorno.sitio) return rellenarPieza(fila, mensaje, { propia, junto, partes }, entorno);
  fila.removeAttribute("style");
  if (mensaje.contenido.tipo === "sistema")
    partes.push(el("p.sistema", { texto: resumen(mensaje), dir: "auto" }));
  else partes.push(cuerpo(mensaje, propia, junto, entorno));
  fila.replaceChildren(...partes);
}

/**
 * Lo que va delante de un mensaje: su día, o que desde él no se había leído.
 *
 * @param {Mensaje} mensaje
 * @param {boolean} nuevoDia
 * @param {boolean} divisor
 */
function separadores({ fechaEnvio }, nuevoDia, divisor) {
  /** @type {HTMLElement[]} */
  const partes = [];
  const cuando = el("time", { datetime: fechaEnvio.slice(0, 10), texto: dia(fechaEnvio) });
  if (nuevoDia) partes.push(el("div.dia", {}, cuando));
  if (divisor) partes.push(el("div.divisor", {}, el("span", { texto: t("Mensajes nuevos") })));
  return partes;
}

/**
 * La de una imagen que va en una rejilla con otras; la primera lleva encima lo que se dice de todas.
 *
 * @param {HTMLElement} fila
 * @param {Mensaje} mensaje
 * @param {{propia: boolean, junto: boolean, partes: HTMLElement[]}} como
 * @param {Entorno} entorno
 */
function rellenarPieza(fila, mensaje, { propia, junto, partes }, entorno) {
  const { lugar, total } = /** @type {Sitio} */ (entorno.sitio);
  const { archivo } = mensaje.contenido;
  fila.classList.add("mosaico");
  fila.classList.toggle("de-dos", total === 2 || total === 4);
  fila.classList.toggle("con-hueco", entorno.deGrupo && !propia);
  fila.style.setProperty("--entre-dos", String(lugar % 2));
  fila.style.setProperty("--entre-tres", String(lugar % 3));
  if (lugar === 0) partes.push(...sobreLaRejilla(mensaje, propia, junto, entorno));
  const pieza = el(
    "div.pieza-marco",
    {},
    oculto(`${propia ? t("Tú") : nombreDe(mensaje.remitente)}: `),
    esFoto(archivo) && foto(archivo, miradaDe(mensaje, entorno), true),
    pie(mensaje, propia),
    botonDeAcciones(mensaje, entorno),
  );
  fila.replaceChildren(pieza);
  if (partes.length) fila.prepend(el("div.ancha", {}, ...partes));
  const suyas = reacciones(mensaje, entorno);
  if (suyas) fila.append(suyas);
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
const miradaDe = (mensaje, { acciones, foto: previa }) => ({ ver: () => acciones.ver(mensaje), previa });

/**
 * @param {Mensaje} mensaje
 * @param {boolean} propia
 * @param {boolean} junto
 * @param {Entorno} entorno
 */
function sobreLaRejilla(mensaje, propia, junto, entorno) {
  const dicho = antesDeDecir(mensaje, entorno);
  if (mensaje.contenido.texto.trim()) dicho.push(parrafo(mensaje.contenido.texto, nombradosEn(mensaje, entorno)));
  const conAutor = entorno.deGrupo && !propia && !junto;
  const autor = conAutor && el("p.autor", {}, el("bdi", { texto: nombreDe(mensaje.remitente) }));
  if (!dicho.length && !autor) return [];
  const columna = el(
    "div.mensaje-columna",
    {},
    dicho.length ? el("div.burbuja", {}, autor, ...dicho) : autor,
  );
  const hueco = entorno.deGrupo && !propia && el("span.avatar-hueco");
  return [el("div.mensaje", {}, conAutor ? avatarDe(mensaje.remitente) : hueco, columna)];
}

/**
 * @param {Mensaje} mensaje
 * @param {boolean} propia
 * @param {boolean} junto
 * @param {Entorno} entorno
 */
function cuerpo(mensaje, propia, junto, entorno) {
  const conAvatar = entorno.deGrupo && !propia;
  const lateral = conAvatar && (junto ? el("span.avatar-hueco") : avatarDe(mensaje.remitente));
  return el(
    "div.mensaje",
    {},
    lateral,
    el("div.mensaje-columna", {}, burbuja(mensaje, propia, junto, entorno), reacciones(mensaje, entorno)),
    botonDeAcciones(mensaje, entorno),
  );
}

/**
 * @param {Mensaje} mensaje
 * @param {boolean} propia
 * @param {boolean} junto
 * @param {Entorno} entorno
 */
function burbuja(mensaje, propia, junto, entorno) {
  const { eliminado } = mensaje.eliminado;
  const caja = el(`div.burbuja${eliminado ? ".lapida" : ""}`);
  const nombre = nombreDe(mensaje.remitente);
  if (propia) caja.append(oculto(`${t("Tú")}: `));
  else if (entorno.deGrupo && !junto) caja.append(el("p.autor", {}, el("bdi", { texto: nombre })));
  else caja.append(oculto(`${nombre}: `));
  if (eliminado) caja.append(lapida(mensaje, entorno));
  else caja.append(...contenido(mensaje, entorno));
  caja.append(pie(mensaje, propia));
  return caja;
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function contenido(mensaje, entorno) {
  const dicho = loDicho(mensaje, miradaDe(mensaje, entorno), nombradosEn(mensaje, entorno));
  if (!dicho.length) dicho.push(el("p.texto.cursiva", { texto: SIN_TEXTO }));
  return [...antesDeDecir(mensaje, entorno), ...dicho];
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function antesDeDecir(mensaje, entorno) {
  /** @type {HTMLElement[]} */
  const partes = [];
  if (mensaje.prioridad !== "normal") {
    partes.push(
      el(
        `p.prioridad.prioridad-${mensaje.prioridad}`,
        {},
        icono(mensaje.prioridad === "urgente" ? "alerta" : "bandera"),
        el("span", { texto: PRIORIDADES[mensaje.prioridad] }),
      ),
    );
  }
  if (mensaje.respuestaA) partes.push(cita(mensaje.respuestaA, entorno));
  return partes;
}

/**
 * @param {Cita} cita
 * @param {Entorno} entorno
 */
function cita({ _id, texto, remitente }, { acciones, citado }) {
  const mensaje = citado(_id);
  // Sin texto: se eliminó, o lo que llevaba era un archivo; si no está cargado, no se sabe.
  const dice = texto || (mensaje ? resumen(mensaje) : SIN_TEXTO);
  return el(
    "button.cita",
    { type: "button", "data-accion": "cita", click: () => acciones.irA(_id) },
    oculto(`${t("En respuesta a")} `),
    el("bdi.cita-autor", { texto: nombreDe(remitente) }),
    el("span.cita-texto", { dir: "auto", texto: dice }),
  );
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function lapida(mensaje, { yo, personas }) {
  const { eliminadoPor, razon } = mensaje.eliminado;
  let texto = t("Mensaje eliminado");
  if (eliminadoPor === yo) texto = t("Eliminaste este mensaje");
  else if (eliminadoPor && eliminadoPor !== mensaje.remitente?._id)
    texto = t("Mensaje eliminado por {nombre}", { nombre: quienLoQuito(personas.get(eliminadoPor)) });
  return el("p.texto.cursiva", { dir: "auto", texto: razon ? `${texto}: ${razon}` : texto });
}

/**
 * Quien modera sin participar no está entre las personas de la conversación.
 *
 * @param {Persona} [persona]
 */
const quienLoQuito = (persona) => (persona ? aislado(nombreDe(persona)) : t("moderación"));

/**
 * @param {Mensaje} mensaje
 * @param {boolean} propia
 */
function pie(mensaje, propia) {
  const { fechaEnvio, editado, estado, eliminado, fijado } = mensaje;
  const caja = el("p.pie", {});
  if (editado.editado && !eliminado.eliminado) caja.append(el("span", { texto: t("Editado") }));
  if (fijado.fijado) caja.append(icono("fijar"), oculto(t("Fijado")));
  caja.append(el("time", { datetime: fechaEnvio, texto: hora(fechaEnvio) }));
  if (propia) caja.append(marcaDe(estado), oculto(ESTADOS[estado]));
  return caja;
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function botonDeAcciones(mensaje, entorno) {
  if (mensaje.eliminado.eliminado) return null;
  const fecha = fechaEntera(mensaje.fechaEnvio);
  const etiqueta =
    mensaje.remitente?._id === entorno.yo
      ? t("Acciones de tu mensaje, {fecha}", { fecha })
      : t("Acciones del mensaje de {nombre}, {fecha}", { nombre: nombreDe(mensaje.remitente), fecha });
  /** @param {MouseEvent} evento */
  const clic = ({ currentTarget }) =>
    entorno.acciones.menu(mensaje, /** @type {HTMLElement} */ (currentTarget));
  return el(
    "button.boton-acciones",
    {
      type: "button",
      "aria-label": etiqueta,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-accion": "menu",
      click: clic,
    },
    icono("mas"),
  );
}
