import { abrirDialogo } from "./dialogos.js";
import { porId } from "./dom.js";

// Lo que se sube, y lo más cerca que se mira.
const LADO = 512;
const MAX_ZOOM = 4;
const PASO = 0.04;
/** @type {Record<string, [number, number]>} */
const FLECHAS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {ImageBitmap | null} */
let imagen = null;
// Dónde está el centro de lo que se ve, de 0 a 1 en cada eje.
const centro = { x: 0.5, y: 0.5 };
/** @type {((recorte: Blob | null) => void) | null} */
let acabar = null;

/** Enlaza el diálogo; se llama una vez. */
export function prepararRecorte() {
  const lienzo = porId("recorte-lienzo");
  const dialogo = porId("dialogo-recorte");
  porId("recorte-zoom").addEventListener("input", dibujar);
  lienzo.addEventListener("pointermove", ({ buttons, movementX, movementY }) => {
    if (buttons & 1) mover(-movementX / lienzo.clientWidth, -movementY / lienzo.clientHeight);
  });
  lienzo.addEventListener("pointerdown", ({ pointerId }) => lienzo.setPointerCapture(pointerId));
  lienzo.addEventListener("wheel", alRodar, { passive: false });
  lienzo.addEventListener("keydown", (evento) => {
    const flecha = FLECHAS[evento.key];
    if (!flecha) return;
    evento.preventDefault();
    mover(flecha[0] * PASO, flecha[1] * PASO);
  });
  porId("formulario-recorte").addEventListener("submit", async (evento) => {
    evento.preventDefault();
    const hecho = acabar;
    acabar = null;
    const recorte = await recortada();
    dialogo.close();
    hecho?.(recorte);
  });
  dialogo.addEventListener("close", () => {
    acabar?.(null);
    acabar = null;
    imagen?.close();
    imagen = null;
  });
}

/**
 * Deja elegir qué cuadrado de una imagen se ve; `null` si se deja. Falla si no se puede abrir.
 *
 * @param {Blob} archivo
 * @param {{redondo: boolean}} forma
 * @returns {Promise<Blob | null>}
 */
export async function recortar(archivo, { redondo }) {
  imagen = await createImageBitmap(archivo);
  Object.assign(centro, { x: 0.5, y: 0.5 });
  porId("recorte-zoom").value = "1";
  porId("recorte-lienzo").classList.toggle("redondo", redondo);
  abrirDialogo(porId("dialogo-recorte"));
  dibujar();
  return new Promise((resolver) => (acabar = resolver));
}

/** El lado del cuadrado que se ve, en píxeles de la imagen. */
const lado = () =>
  imagen ? Math.min(imagen.width, imagen.height) / Number(porId("recorte-zoom").value) : 1;

/**
 * En cuadrados de lo que se ve.
 *
 * @param {number} x
 * @param {number} y
 */
function mover(x, y) {
  if (!imagen) return;
  centro.x += (x * lado()) / imagen.width;
  centro.y += (y * lado()) / imagen.height;
  dibujar();
}

/** @param {WheelEvent} evento */
function alRodar(evento) {
  evento.preventDefault();
  const zoom = porId("recorte-zoom");
  const nuevo = Number(zoom.value) * Math.exp(-evento.deltaY / 400);
  zoom.value = String(Math.min(MAX_ZOOM, Math.max(1, nuevo)));
  dibujar();
}

function dibujar() {
  const lienzo = porId("recorte-lienzo");
  lienzo.width = lienzo.height = LADO;
  pintarEn(lienzo);
}

/** @param {HTMLCanvasElement} lienzo */
function pintarEn(lienzo) {
  const pincel = lienzo.getContext("2d");
  if (!pincel || !imagen) return;
  const visto = lado();
  const medio = { x: visto / imagen.width / 2, y: visto / imagen.height / 2 };
  centro.x = Math.min(1 - medio.x, Math.max(medio.x, centro.x));
  centro.y = Math.min(1 - medio.y, Math.max(medio.y, centro.y));
  // Un JPEG no tiene transparencia: lo transparente, blanco.
  pincel.fillStyle = "#fff";
  pincel.fillRect(0, 0, LADO, LADO);
  const x = (centro.x - medio.x) * imagen.width;
  const y = (centro.y - medio.y) * imagen.height;
  pincel.drawImage(imagen, x, y, visto, visto, 0, 0, LADO, LADO);
}

/** @returns {Promise<Blob | null>} */
function recortada() {
  return new Promise((resolver) => porId("recorte-lienzo").toBlob(resolver, "image/jpeg", 0.9));
}
