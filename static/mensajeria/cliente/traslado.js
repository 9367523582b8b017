import { CANCELADO, ErrorMensajeria, SIN_CONEXION, SIN_RESPUESTA } from "./errores.js";

/**
 * @typedef {object} Traslado
 * @property {Record<string, string>} cabeceras
 * @property {FormData} cuerpo
 * @property {(fraccion: number) => void} [alProgresar] cuánto va, de 0 a 1
 * @property {AbortSignal} [signal]
 */

// Con poca cobertura, diez megabytes tardan minutos: se da por cortado lo que no se mueve.
const QUIETO = 30_000;
// Ya entero, lo que el servidor tarda en mirarlo y guardarlo.
const RESPUESTA = 90_000;
const ENTERO = 300_000;

/**
 * Envía un formulario y dice cuánto va. `fetch` no sabe decirlo: donde hay XMLHttpRequest, va por él.
 *
 * @param {string} url
 * @param {Traslado} traslado
 * @returns {Promise<Response>}
 */
export function trasladar(url, traslado) {
  if (traslado.signal?.aborted) return Promise.reject(new ErrorMensajeria({ code: CANCELADO }));
  return globalThis.XMLHttpRequest ? porXhr(url, traslado) : porFetch(url, traslado);
}

/**
 * @param {string} url
 * @param {Traslado} traslado
 * @returns {Promise<Response>}
 */
function porXhr(url, { cabeceras, cuerpo, alProgresar, signal }) {
  const xhr = new XMLHttpRequest();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let reloj;
  /** @type {Promise<Response>} */
  const promesa = new Promise((bien, mal) => {
    /** @param {typeof CANCELADO | typeof SIN_CONEXION | typeof SIN_RESPUESTA} code */
    const fallar = (code) => mal(new ErrorMensajeria({ code }));
    /** @param {number} plazo */
    const vigilar = (plazo) => {
      clearTimeout(reloj);
      reloj = setTimeout(() => {
        fallar(SIN_RESPUESTA);
        xhr.abort();
      }, plazo);
    };
    xhr.upload.onprogress = ({ loaded, total }) => {
      vigilar(QUIETO);
      alProgresar?.(loaded / total);
    };
    xhr.upload.onload = () => vigilar(RESPUESTA);
    xhr.onload = () => bien(new Response(xhr.responseText || null, { status: xhr.status }));
    xhr.onerror = () => fallar(SIN_CONEXION);
    xhr.onabort = () => fallar(CANCELADO);
    vigilar(QUIETO);
  });
  const abortar = () => xhr.abort();
  signal?.addEventListener("abort", abortar);
  xhr.open("POST", url);
  for (const [nombre, valor] of Object.entries(cabeceras)) xhr.setRequestHeader(nombre, valor);
  xhr.send(cuerpo);
  return promesa.finally(() => {
    clearTimeout(reloj);
    signal?.removeEventListener("abort", abortar);
  });
}

/**
 * @param {string} url
 * @param {Traslado} traslado
 */
async function porFetch(url, { cabeceras, cuerpo, alProgresar, signal }) {
  const plazo = AbortSignal.timeout(ENTERO);
  try {
    const respuesta = await fetch(url, {
      method: "POST",
      headers: cabeceras,
      body: cuerpo,
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, plazo]) : plazo,
    });
    alProgresar?.(1);
    return respuesta;
  } catch {
    throw new ErrorMensajeria({ code: signal?.aborted ? CANCELADO : SIN_CONEXION });
  }
}
