import { avatarDe } from "./avatar.js";
import { el, oculto } from "./dom.js";
import { icono } from "./iconos.js";
import { marcaDe } from "./lista.js";
import {
  datosDe,
  dia,
  ESTADOS,
  fechaEntera,
  hora,
  mismoDia,
  nombreDe,
  PRIORIDADES,
  REACCIONES,
  resumen,
  SIN_TEXTO,
  tamano,
} from "./textos.js";

/**
 * @import { Archivo, Cita, Mensaje } from "../cliente/eventos.js"
 * @import { TipoReaccion } from "../cliente/tipos.js"
 * @import { Icono } from "./iconos.js"
 * @import { Personas } from "./personas.js"
 *
 * @typedef {object} Acciones Lo que se puede hacer con un mensaje.
 * @property {(mensaje: Mensaje, boton: HTMLElement) => void} menu
 * @property {(mensaje: Mensaje, tipo: TipoReaccion | null) => void} reaccionar
 * @property {(mensajeId: string) => void} irA
 *
 * @typedef {object} Entorno Lo que en una fila depende de los demás mensajes.
 * @property {string | null} yo
 * @property {Mensaje} [previo]
 * @property {boolean} primera
 * @property {boolean} divisor
 * @property {boolean} deGrupo
 * @property {Personas} personas
 * @property {Acciones} acciones
 */

// Mensajes seguidos de la misma persona, con menos de esto entre ellos, van juntos.
const JUNTOS = 5 * 60_000;
const ENLACE = /https?:\/\/[^\s<>"'\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/**
 * Si un mensaje sigue a otro sin que haga falta repetir quién habla.
 *
 * @param {Mensaje} mensaje
 * @param {Mensaje} [previo]
 */
export function vaJunto(mensaje, previo) {
  if (!previo || previo.contenido.tipo === "sistema" || !mismoDia(mensaje.fechaEnvio, previo.fechaEnvio))
    return false;
  return (
    mensaje.remitente?._id === previo.remitente?._id &&
    Date.parse(mensaje.fechaEnvio) - Date.parse(previo.fechaEnvio) < JUNTOS
  );
}

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
  const partes = [];
  if (nuevoDia)
    partes.push(
      el(
        "div.dia",
        {},
        el("time", { datetime: mensaje.fechaEnvio.slice(0, 10), texto: dia(mensaje.fechaEnvio) }),
      ),
    );
  if (entorno.divisor) partes.push(el("div.divisor", {}, el("span", { texto: "Mensajes nuevos" })));
  if (mensaje.contenido.tipo === "sistema")
    partes.push(el("p.sistema", { texto: resumen(mensaje), dir: "auto" }));
  else partes.push(cuerpo(mensaje, propia, junto, entorno));
  fila.replaceChildren(...partes);
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
  if (propia) caja.append(oculto("Tú: "));
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
  const dicho = loDicho(mensaje);
  partes.push(...(dicho.length ? dicho : [el("p.texto.cursiva", { texto: SIN_TEXTO })]));
  return partes;
}

/** @param {Mensaje} mensaje */
function loDicho(mensaje) {
  const { ubicacion, contacto } = datosDe(mensaje);
  const { texto, archivo: adjunto } = mensaje.contenido;
  const partes = [];
  if (texto.trim()) partes.push(parrafo(texto));
  if (adjunto) partes.push(archivo(adjunto));
  if (ubicacion) {
    const { direccion, coordenadas, url } = ubicacion;
    partes.push(conIcono("ubicacion", enlace(url, direccion || coordenadas), direccion && coordenadas));
  }
  if (contacto) partes.push(conIcono("contacto", contacto[0], contacto.slice(1).join(" · ")));
  return partes;
}

/**
 * @param {Icono} nombre
 * @param {string | Node} principal
 * @param {string} detalle
 */
function conIcono(nombre, principal, detalle) {
  return el(
    "p.archivo",
    {},
    icono(nombre),
    el("span.archivo-nombre", { dir: "auto" }, principal),
    detalle && el("bdi.suave", { texto: detalle }),
  );
}

/** @param {string} texto */
function parrafo(texto) {
  const p = el("p.texto", { dir: "auto" });
  let desde = 0;
  for (const { 0: url, index } of texto.matchAll(ENLACE)) {
    p.append(texto.slice(desde, index), enlace(url, url));
    desde = index + url.length;
  }
  p.append(texto.slice(desde));
  return p;
}

/**
 * Un enlace solo si es de la web; lo demás queda en texto.
 *
 * @param {string} url
 * @param {string} texto
 */
function enlace(url, texto) {
  try {
    const destino = new URL(url, location.origin);
    if (!["http:", "https:"].includes(destino.protocol)) return texto;
    return el("a", { href: destino.href, target: "_blank", rel: "noopener noreferrer nofollow", texto });
  } catch {
    return texto;
  }
}

/** @param {Archivo} archivo */
function archivo({ nombre, url, tamano: bytes }) {
  // 0: no se sabe.
  return conIcono("archivo", enlace(url, nombre), bytes ? tamano(bytes) : "");
}

/**
 * @param {Cita} cita
 * @param {Entorno} entorno
 */
function cita({ _id, texto, remitente }, { acciones }) {
  return el(
    "button.cita",
    { type: "button", "data-accion": "cita", click: () => acciones.irA(_id) },
    oculto("En respuesta a "),
    el("bdi.cita-autor", { texto: nombreDe(remitente) }),
    el("span.cita-texto", { dir: "auto", texto: texto || "Mensaje eliminado" }),
  );
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function lapida(mensaje, { yo, personas }) {
  const { eliminadoPor, razon } = mensaje.eliminado;
  let texto = "Mensaje eliminado";
  if (eliminadoPor === yo) texto = "Eliminaste este mensaje";
  else if (eliminadoPor && eliminadoPor !== mensaje.remitente?._id)
    texto = `Mensaje eliminado por ${nombreDe(personas.get(eliminadoPor)) || "moderación"}`;
  return el("p.texto.cursiva", { dir: "auto", texto: razon ? `${texto}: ${razon}` : texto });
}

/**
 * @param {Mensaje} mensaje
 * @param {boolean} propia
 */
function pie(mensaje, propia) {
  const { fechaEnvio, editado, estado, eliminado, fijado } = mensaje;
  const caja = el("p.pie", {});
  if (editado.editado && !eliminado.eliminado) caja.append(el("span", { texto: "Editado" }));
  if (fijado.fijado) caja.append(icono("fijar"), oculto("Fijado"));
  caja.append(el("time", { datetime: fechaEnvio, texto: hora(fechaEnvio) }));
  if (propia) caja.append(marcaDe(estado), oculto(ESTADOS[estado]));
  return caja;
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function reacciones(mensaje, { yo, acciones }) {
  if (!mensaje.reacciones.length) return null;
  /** @type {Map<TipoReaccion, string[]>} */
  const grupos = new Map();
  for (const { tipo, usuario } of mensaje.reacciones)
    grupos.set(tipo, [...(grupos.get(tipo) ?? []), usuario]);
  const botones = [...grupos].map(([tipo, usuarios]) => {
    const mia = yo !== null && usuarios.includes(yo);
    const etiqueta = `${REACCIONES[tipo]}: ${usuarios.length}${mia ? ", incluida la tuya" : ""}`;
    const clic = () => acciones.reaccionar(mensaje, mia ? null : tipo);
    return el(
      "button.reaccion",
      {
        type: "button",
        "aria-pressed": String(mia),
        "aria-label": etiqueta,
        "data-accion": `reaccion-${tipo}`,
        click: clic,
      },
      icono(tipo),
      el("span", { texto: usuarios.length }),
    );
  });
  return el("div.reacciones", {}, ...botones);
}

/**
 * @param {Mensaje} mensaje
 * @param {Entorno} entorno
 */
function botonDeAcciones(mensaje, entorno) {
  if (mensaje.eliminado.eliminado) return null;
  const etiqueta = `Acciones del mensaje de ${mensaje.remitente?._id === entorno.yo ? "ti" : nombreDe(mensaje.remitente)}, ${fechaEntera(mensaje.fechaEnvio)}`;
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
