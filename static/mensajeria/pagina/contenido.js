import { el } from "./dom.js";
import { conFormato, enlace } from "./formato.js";
import { esFoto, foto } from "./foto.js";
import { icono } from "./iconos.js";
import { audio, esSubido, tarjeta, video } from "./medios.js";
import { datosDe, tamano } from "./textos.js";

/**
 * @import { Archivo, Mensaje } from "../cliente/eventos.js"
 * @import { Nombrado } from "./formato.js"
 * @import { Mirada } from "./foto.js"
 * @import { Icono } from "./iconos.js"
 */

/**
 * Lo que dice un mensaje: su archivo, su texto, su ubicación y su contacto.
 *
 * @param {Mensaje} mensaje
 * @param {Mirada} mirada
 * @param {Nombrado} nombrado
 */
export function loDicho(mensaje, mirada, nombrado) {
  const { ubicacion, contacto } = datosDe(mensaje);
  const { texto, archivo } = mensaje.contenido;
  const partes = [];
  if (esSubido(archivo)) partes.push(subido(archivo, mirada));
  if (texto.trim()) partes.push(parrafo(texto, nombrado));
  if (archivo && !esSubido(archivo)) partes.push(deFuera(archivo));
  if (ubicacion) {
    const { direccion, coordenadas, url } = ubicacion;
    partes.push(conIcono("ubicacion", enlace(url, direccion || coordenadas), direccion && coordenadas));
  }
  if (contacto) partes.push(conIcono("contacto", contacto[0], contacto.slice(1).join(" · ")));
  return partes;
}

/**
 * @param {Archivo & {_id: string}} archivo
 * @param {Mirada} mirada
 */
function subido(archivo, mirada) {
  if (esFoto(archivo)) return foto(archivo, mirada);
  if (archivo.clase === "video") return video(archivo, mirada.ver);
  return archivo.clase === "audio" ? audio(archivo) : tarjeta(archivo);
}

/**
 * @param {string} texto
 * @param {Nombrado} nombrado
 */
export const parrafo = (texto, nombrado) => el("p.texto", { dir: "auto" }, ...conFormato(texto, nombrado));

/**
 * Su dirección la escribió alguien: solo la abre quien la pulsa.
 *
 * @param {Archivo} archivo
 */
function deFuera({ nombre, url, tamano: bytes }) {
  // 0: no se sabe.
  return conIcono("archivo", enlace(url, nombre), bytes ? tamano(bytes) : "");
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
