import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { ponerImagen } from "./imagenes.js";

/**
 * @import { Archivo } from "../cliente/eventos.js"
 *
 * @typedef {Archivo & {_id: string, ancho: number, alto: number}} ConMedidas
 *
 * @typedef {object} Mirada Cómo se mira lo que un mensaje lleva.
 * @property {() => void} ver lo abre en el visor
 * @property {HTMLElement | null} previa la imagen que su fila ya tenía: vuelta a hacer, parpadea
 */

const MAX = { ancho: 320, alto: 380 };
const MIN = { ancho: 112, alto: 84 };
// Lo que mide como mucho el lado de una pieza de la rejilla.
const PIEZA = 280;

/**
 * Si es una imagen de las que se suben aquí: las de fuera no se piden nunca.
 *
 * @param {Archivo | null} archivo
 * @returns {archivo is ConMedidas}
 */
export const esFoto = (archivo) =>
  Boolean(archivo?._id && archivo.clase === "imagen" && archivo.ancho && archivo.alto);

/**
 * La menor de sus imágenes que se ve bien con ese lado mayor, en píxeles de la página.
 *
 * @param {Archivo} archivo
 * @param {number} lado
 */
export function rutaPara({ miniaturas = [], url }, lado) {
  // Con algo menos de lo justo no se nota.
  const bastan = lado * Math.min(devicePixelRatio, 2) * 0.8;
  const mayores = miniaturas.filter(({ ancho, alto }) => Math.max(ancho, alto) >= bastan);
  return (mayores[0] ?? miniaturas.at(-1))?.url ?? url;
}

/**
 * Una imagen que se abre al pulsarla. Ocupa desde el principio lo que va a ocupar, y mientras llega se
 * ve su borrón.
 *
 * @param {ConMedidas} archivo
 * @param {Mirada} mirada
 * @param {boolean} [enRejilla] es una pieza cuadrada
 */
export function foto(archivo, { ver, previa }, enRejilla = false) {
  const clave = `${archivo._id} ${enRejilla}`;
  if (previa?.dataset.clave === clave) return previa;
  const { ancho, alto } = enRejilla ? { ancho: PIEZA, alto: PIEZA } : medidas(archivo);
  const img = el("img", { width: ancho, height: alto, alt: "", draggable: "false" });
  // Las del borrón no son exactas: sin esto, al llegar la imagen todo se movería.
  img.style.aspectRatio = `${ancho} / ${alto}`;
  const boton = el(
    `button.foto${enRejilla ? ".pieza" : ""}`,
    {
      type: "button",
      "data-accion": "ver",
      "aria-label": t("Ver la imagen {nombre}", { nombre: archivo.nombre }),
      click: ver,
    },
    img,
    archivo.tipo === "image/gif" && el("span.foto-clase", { "aria-hidden": "true", texto: "GIF" }),
  );
  boton.dataset.clave = clave;
  const sobra = Math.max(archivo.ancho, archivo.alto) / Math.min(archivo.ancho, archivo.alto);
  const lado = enRejilla ? PIEZA * sobra : Math.max(ancho, alto);
  cargar(boton, img, archivo, rutaPara(archivo, lado));
  return boton;
}

/** @param {ConMedidas} archivo */
function medidas({ ancho, alto }) {
  const escala = Math.min(1, MAX.ancho / ancho, MAX.alto / alto);
  return {
    ancho: Math.max(MIN.ancho, Math.round(ancho * escala)),
    alto: Math.max(MIN.alto, Math.round(alto * escala)),
  };
}

/**
 * @param {HTMLElement} boton
 * @param {HTMLImageElement} img
 * @param {Archivo} archivo
 * @param {string} ruta
 */
function cargar(boton, img, archivo, ruta) {
  boton.classList.add("borrosa");
  if (archivo.borroso) img.src = archivo.borroso;
  ponerImagen(img, ruta, (error) => {
    if (!error) return boton.classList.remove("borrosa");
    boton.classList.add("rota");
    boton.append(el("span.foto-rota", {}, icono("alerta"), el("span", { texto: t("No se puede ver") })));
  });
}
