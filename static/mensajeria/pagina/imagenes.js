/**
 * Las imágenes de los mensajes, que piden las credenciales de la página: unas pocas a la vez, antes lo
 * último que se pidió, y nada que ya no se vea.
 *
 * @import { ClienteMensajeria, ErrorMensajeria } from "../cliente.js"
 *
 * @typedef {object} Encargo
 * @property {HTMLImageElement} img
 * @property {string} ruta
 * @property {(error: ErrorMensajeria | null) => void} [alAcabar]
 */

// El servidor atiende tres a la vez de cada persona.
const A_LA_VEZ = 3;
const ESPERA = 3_000;
// En la política de la página caben `data:` y no `blob:`; un carácter es un byte.
const MAX_GUARDADO = 40_000_000;

/** @type {ClienteMensajeria} */
let cliente;
/** @type {Map<string, string>} la usada hace más tiempo, primero */
const guardadas = new Map();
/** @type {Encargo[]} */
let cola = [];
let enCurso = 0;

/** @param {ClienteMensajeria} uno */
export function prepararImagenes(uno) {
  cliente = uno;
  cliente.on("sesion", ({ usuarioId }) => {
    if (usuarioId) return;
    guardadas.clear();
    cola = [];
  });
}

/**
 * Pone en `img` lo que hay en esa ruta, cuando llegue.
 *
 * @param {HTMLImageElement} img
 * @param {string} ruta
 * @param {Encargo["alAcabar"]} [alAcabar] con el error, si no se puede ver
 */
export function ponerImagen(img, ruta, alAcabar) {
  const ya = guardadas.get(ruta);
  if (ya === undefined) {
    cola.push({ img, ruta, alAcabar });
    // Quien la pide la pone después en el documento.
    setTimeout(seguir);
    return;
  }
  guardadas.delete(ruta);
  guardadas.set(ruta, ya);
  img.src = ya;
  alAcabar?.(null);
}

function seguir() {
  while (enCurso < A_LA_VEZ) {
    const encargo = cola.pop();
    if (!encargo) return;
    if (encargo.img.isConnected) traer(encargo);
  }
}

/** @param {Encargo} encargo */
async function traer(encargo) {
  enCurso++;
  try {
    const { img, ruta, alAcabar } = encargo;
    const datos = guardadas.get(ruta) ?? (await enDatos(await cliente.archivos.bytes(ruta)));
    guardar(ruta, datos);
    img.src = datos;
    alAcabar?.(null);
  } catch (causa) {
    noLlego(encargo, /** @type {ErrorMensajeria} */ (causa));
  } finally {
    enCurso--;
    seguir();
  }
}

/**
 * Lo que falla por la red o por el ritmo se pide otra vez, mientras se vea.
 *
 * @param {Encargo} encargo
 * @param {ErrorMensajeria} error
 */
function noLlego(encargo, error) {
  if (!error.esPasajero) return encargo.alAcabar?.(error);
  setTimeout(() => {
    cola.unshift(encargo);
    seguir();
  }, (error.reintentarEn ?? 0) * 1000 || ESPERA);
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function enDatos(blob) {
  return new Promise((bien, mal) => {
    const lector = new FileReader();
    lector.onload = () => bien(String(lector.result));
    lector.onerror = () => mal(lector.error);
    lector.readAsDataURL(blob);
  });
}

/**
 * @param {string} ruta
 * @param {string} datos
 */
function guardar(ruta, datos) {
  guardadas.delete(ruta);
  guardadas.set(ruta, datos);
  let ocupan = 0;
  for (const una of guardadas.values()) ocupan += una.length;
  for (const [vieja, suyos] of guardadas) {
    if (ocupan <= MAX_GUARDADO) return;
    guardadas.delete(vieja);
    ocupan -= suyos.length;
  }
}
