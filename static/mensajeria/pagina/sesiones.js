import { abrirDialogo } from "./dialogos.js";
import { anunciar, el, mostrarError, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { cuando, dia, enMedio, enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { SesionAbierta } from "../cliente/tipos.js"
 */

/** @type {ClienteMensajeria} */
let cliente;

/**
 * Enlaza el diálogo de las sesiones; se llama una vez.
 *
 * @param {ClienteMensajeria} cliente_
 */
export function prepararSesiones(cliente_) {
  cliente = cliente_;
  porId("sesiones-demas").addEventListener("click", () =>
    acabar(cliente.acabarLasDemasSesiones(), t("Las demás sesiones se cerraron")),
  );
}

/** Dónde está abierta la cuenta, y cómo cerrarla allí. */
export function abrirSesiones() {
  porId("sesiones").replaceChildren();
  porId("sesiones-pie").hidden = true;
  mostrarError(porId("sesiones-error"), null);
  abrirDialogo(porId("dialogo-sesiones"));
  leer();
}

async function leer() {
  const aviso = porId("sesiones-aviso");
  aviso.hidden = porId("sesiones").children.length > 0;
  aviso.textContent = t("Cargando…");
  try {
    pintar(await cliente.sesiones());
  } catch (error) {
    aviso.hidden = true;
    mostrarError(porId("sesiones-error"), enPalabras(error));
  }
}

/**
 * @param {Promise<unknown>} promesa
 * @param {string} hecho lo que dice un lector de pantalla
 */
async function acabar(promesa, hecho) {
  try {
    await promesa;
    mostrarError(porId("sesiones-error"), null);
    anunciar(hecho);
  } catch (error) {
    mostrarError(porId("sesiones-error"), enPalabras(error));
  }
  await leer();
}

/** @param {SesionAbierta[]} sesiones */
function pintar(sesiones) {
  const pie = porId("sesiones-pie");
  // Esta, la primera; las demás, como vienen.
  const todas = [...sesiones].sort((a, b) => Number(b.actual) - Number(a.actual));
  porId("sesiones").replaceChildren(...todas.map(fila));
  pie.hidden = !todas.some((s) => !s.actual);
  const aviso = porId("sesiones-aviso");
  aviso.hidden = todas.length > 0;
  aviso.textContent = t("No hay sesiones que cerrar: esta entró con un token de otro sistema.");
  enfocar(pie);
}

/**
 * Quien cierra una con el teclado no pierde su sitio: el botón que pulsó ya no está, o no se ve.
 *
 * @param {HTMLElement} pie
 */
function enfocar(pie) {
  const dialogo = porId("dialogo-sesiones");
  const activo = document.activeElement;
  if (!dialogo.open || (dialogo.contains(activo) && !(pie.hidden && pie.contains(activo)))) return;
  const otra = dialogo.querySelector(/** @type {"button"} */ ("#sesiones button"));
  (otra ?? dialogo.querySelector(/** @type {"button"} */ ("[data-cerrar]")))?.focus();
}

/** @param {SesionAbierta} sesion */
function fila(sesion) {
  const { _id, via, dispositivo, direccion, desde, ultimaVez, actual } = sesion;
  const nombre = 
    via === "cookie" ? t("{dispositivo}, en la mesa de moderación", { dispositivo }) : dispositivo;
  const donde = direccion ? `${direccion} · ` : "";
  const cuerpo = el(
    "span.persona-cuerpo",
    {},
    el("bdi.persona-nombre", { texto: nombre }),
    el("span.suave", {
      texto: donde + (actual ? t("Esta sesión") : t("Última vez: {cuando}", { cuando: cuando(ultimaVez) })),
    }),
    el("span.suave", { texto: t("Desde: {dia}", { dia: enMedio(dia(desde)) }) }),
  );
  const cerrar = el("button.boton.boton-suave", {
    type: "button",
    texto: t("Cerrar"),
    "aria-label": t("Cerrar la sesión de {nombre}", { nombre }),
    click: () => acabar(cliente.acabarSesion(_id), t("Sesión cerrada")),
  });
  return el("li", {}, icono("sistema"), cuerpo, !actual && cerrar);
}
