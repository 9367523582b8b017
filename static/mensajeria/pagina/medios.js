import { conAviso } from "./avisos.js";
import { el } from "./dom.js";
import { icono } from "./iconos.js";
import { REGION, t } from "./idioma.js";
import {
  alSonar,
  alternar,
  buscar,
  cambiarVelocidad,
  duraAhora,
  momento,
  velocidadActual,
} from "./reproductor.js";
import { esNotaDeVoz, minutos, queEs } from "./rotulos.js";
import { tamano } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Archivo } from "../cliente/eventos.js"
 *
 * @typedef {Archivo & {_id: string}} Subido
 */

const RITMO = new Intl.NumberFormat(REGION);

/** @type {ClienteMensajeria} */
let cliente;

/** @param {ClienteMensajeria} uno */
export function prepararMedios(uno) {
  cliente = uno;
}

/**
 * @param {Archivo | null} archivo
 * @returns {archivo is Subido}
 */
export const esSubido = (archivo) => Boolean(archivo?._id);

/**
 * Lo guarda en el equipo de quien mira. Con un enlace nuevo: si ya no se puede ver se dice, y el
 * navegador no diría nada.
 *
 * @param {Subido} archivo
 */
export async function descargar({ _id }) {
  const href = await conAviso(cliente.archivos.enlace(_id, { otra: true }));
  if (href) el("a", { href, download: "" }).click();
}

/** @param {Subido} archivo */
function botonDeDescargar(archivo) {
  return el(
    "button.boton-icono",
    {
      type: "button",
      "data-accion": "descargar",
      "aria-label": t("Descargar {nombre}", { nombre: archivo.nombre }),
      click: () => descargar(archivo),
    },
    icono("descargar"),
  );
}

/**
 * Lo que no se ve ni se oye aquí: qué es y cuánto ocupa, para descargarlo.
 *
 * @param {Subido} archivo
 */
export function tarjeta(archivo) {
  const { nombre, tamano: bytes } = archivo;
  return el(
    "div.adjunto-tarjeta",
    {},
    el("span.adjunto-icono", { "aria-hidden": "true" }, icono("archivo")),
    el(
      "span.adjunto-datos",
      {},
      el("bdi.adjunto-nombre", { texto: nombre }),
      el("span.suave", { texto: `${queEs(archivo)} · ${tamano(bytes)}` }),
    ),
    botonDeDescargar(archivo),
  );
}

/**
 * Un vídeo, que se abre en el visor.
 *
 * @param {Subido} archivo
 * @param {() => void} alVer
 */
export function video(archivo, alVer) {
  const { nombre, duracion, tamano: bytes } = archivo;
  const cuanto = duracion ? `${minutos(duracion)} · ` : "";
  return el(
    "button.video",
    {
      type: "button",
      "data-accion": "ver",
      "aria-label": t("Ver el vídeo {nombre}", { nombre }),
      click: alVer,
    },
    el("span.video-boton", {}, icono("reproducir")),
    el(
      "span.video-datos",
      {},
      el("bdi.adjunto-nombre", { texto: nombre }),
      el("span", { texto: `${cuanto}${tamano(bytes)}` }),
    ),
  );
}

/** @param {Subido} archivo */
export function audio(archivo) {
  const { _id, nombre, tamano: bytes } = archivo;
  const deVoz = esNotaDeVoz(archivo);
  const boton = el("button.audio-boton", {
    type: "button",
    "data-accion": "sonar",
    click: () => alternar(_id),
  });
  const barra = el("input.audio-barra", {
    type: "range",
    min: 0,
    step: 0.1,
    value: 0,
    "aria-label": t("Por dónde va"),
    "data-accion": "barra",
  });
  barra.addEventListener("input", () => buscar(_id, Number(barra.value)));
  const tiempo = el("span.audio-tiempo");
  const velocidad = el("button.audio-velocidad", {
    type: "button",
    "data-accion": "velocidad",
    click: () => cambiarVelocidad(),
  });
  const pintar = () => pintarAudio(archivo, { boton, barra, tiempo, velocidad });
  alSonar(_id, pintar);
  pintar();
  return el(
    "div.audio",
    { role: "group", "aria-label": deVoz ? t("Nota de voz") : t("Audio: {nombre}", { nombre }) },
    boton,
    el("div.audio-cuerpo", {}, barra, el("span.audio-pie", {}, tiempo, velocidad)),
    botonDeDescargar(archivo),
    !deVoz && el("span.audio-nombre", {}, el("bdi", { texto: nombre }), ` · ${tamano(bytes)}`),
  );
}

/**
 * @param {Subido} archivo
 * @param {{boton: HTMLElement, barra: HTMLInputElement, tiempo: HTMLElement, velocidad: HTMLElement}} mandos
 */
function pintarAudio({ _id, duracion }, { boton, barra, tiempo, velocidad }) {
  const { sonando, cargando, en, fallo } = momento(_id);
  const dura = duracion || duraAhora(_id);
  const dibujo = sonando ? "pausa" : "reproducir";
  if (boton.dataset.dibujo !== dibujo) {
    boton.dataset.dibujo = dibujo;
    boton.replaceChildren(icono(dibujo));
    boton.setAttribute("aria-label", sonando ? t("Pausar") : t("Reproducir"));
  }
  boton.classList.toggle("cargando", cargando);
  barra.max = String(Math.max(dura, 0.1));
  barra.value = String(en);
  barra.setAttribute("aria-valuetext", t("{en} de {total}", { en: minutos(en), total: minutos(dura) }));
  tiempo.textContent = fallo ? t("No se puede oír") : sonando || en ? minutos(en) : minutos(dura);
  tiempo.classList.toggle("fallo", fallo);
  const ritmo = RITMO.format(velocidadActual());
  velocidad.textContent = `${ritmo}×`;
  velocidad.setAttribute("aria-label", t("Velocidad: {ritmo}", { ritmo }));
}
