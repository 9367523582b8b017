/**
 * El único reproductor de audio de la página: si empieza uno, el otro calla; y sigue sonando aunque
 * su mensaje salga de la vista.
 *
 * @import { ClienteMensajeria } from "../cliente.js"
 *
 * @typedef {object} Momento
 * @property {boolean} sonando
 * @property {boolean} cargando
 * @property {number} en segundos
 * @property {boolean} fallo
 */

const VELOCIDADES = [1, 1.5, 2];

/** @type {ClienteMensajeria} */
let cliente;
const audio = new Audio();
/** @type {string | null} */
let actual = null;
let renovado = false;
let cargando = false;
let fallo = false;
let velocidad = 1;
/** @type {Map<string, number>} por dónde va cada uno, en segundos */
const puntos = new Map();
/** @type {Map<string, () => void>} quien pinta los mandos de cada uno */
const mandos = new Map();

/** @param {ClienteMensajeria} uno */
export function prepararReproductor(uno) {
  cliente = uno;
  for (const aviso of ["play", "pause", "playing", "timeupdate", "seeked"])
    audio.addEventListener(aviso, anotar);
  audio.addEventListener("ended", alAcabar);
  audio.addEventListener("error", alFallar);
  cliente.on("sesion", ({ usuarioId }) => {
    if (usuarioId) return;
    callar();
    puntos.clear();
    mandos.clear();
  });
}

/**
 * Los de ese archivo se pintan así desde ahora.
 *
 * @param {string} id
 * @param {() => void} pintar
 */
export function alSonar(id, pintar) {
  mandos.set(id, pintar);
}

/**
 * @param {string} id
 * @returns {Momento}
 */
export function momento(id) {
  const suyo = id === actual;
  const sonando = suyo && !audio.paused;
  return { sonando, cargando: suyo && cargando, en: puntos.get(id) ?? 0, fallo: suyo && fallo };
}

/**
 * Lo que dura, si el reproductor lo sabe.
 *
 * @param {string} id
 */
export const duraAhora = (id) => (id === actual && Number.isFinite(audio.duration) ? audio.duration : 0);

/**
 * Empieza, o se para.
 *
 * @param {string} id
 */
export async function alternar(id) {
  if (id === actual && !fallo) return audio.paused ? sonar() : audio.pause();
  callar();
  actual = id;
  renovado = false;
  await abrir();
}

/**
 * @param {string} id
 * @param {number} segundos
 */
export function buscar(id, segundos) {
  puntos.set(id, segundos);
  if (id === actual && audio.readyState) audio.currentTime = segundos;
  else pintar(id);
}

/**
 * Deja de sonar lo que suene, también lo que está por enviar.
 *
 * @param {HTMLMediaElement} [menos] el que va a sonar
 */
export function callar(menos) {
  for (const medio of document.querySelectorAll(/** @type {"video"} */ ("audio, video")))
    if (medio !== menos) medio.pause();
  const previo = actual;
  actual = null;
  fallo = cargando = false;
  audio.pause();
  if (previo !== null) pintar(previo);
}

export const velocidadActual = () => velocidad;

/** La velocidad que sigue, para todos. */
export function cambiarVelocidad() {
  velocidad = VELOCIDADES[(VELOCIDADES.indexOf(velocidad) + 1) % VELOCIDADES.length];
  audio.playbackRate = velocidad;
  for (const id of mandos.keys()) pintar(id);
}

async function abrir() {
  const id = actual;
  if (id === null) return;
  fallo = false;
  cargando = true;
  pintar(id);
  try {
    audio.src = await cliente.archivos.enlace(id, { otra: renovado });
    if (id !== actual) return;
    audio.currentTime = puntos.get(id) ?? 0;
    await sonar();
  } catch {
    if (id === actual) darPorFallido(id);
  }
}

function sonar() {
  audio.playbackRate = velocidad;
  // Si se para antes de que suene, no es un fallo; si no puede sonar, lo dice `error`.
  return audio.play().catch(() => {});
}

// Un enlace caduca: con otro, sigue por donde iba.
function alFallar() {
  if (actual === null) return;
  if (renovado) return darPorFallido(actual);
  renovado = true;
  abrir();
}

/** @param {string} id */
function darPorFallido(id) {
  cargando = false;
  fallo = true;
  pintar(id);
}

function anotar() {
  if (actual === null) return;
  cargando = !audio.paused && audio.readyState < audio.HAVE_FUTURE_DATA;
  // Uno que suena ya tiene un enlace bueno: si este caduca, se pide otro.
  if (!cargando && !audio.paused) renovado = false;
  if (audio.readyState) puntos.set(actual, audio.currentTime);
  pintar(actual);
}

function alAcabar() {
  if (actual === null) return;
  puntos.set(actual, 0);
  audio.currentTime = 0;
  pintar(actual);
}

/** @param {string} id */
const pintar = (id) => mandos.get(id)?.();
