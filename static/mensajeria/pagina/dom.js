/**
 * @typedef {{
 *   "dialogo-detalles": HTMLDialogElement, "dialogo-eliminar": HTMLDialogElement,
 *   "dialogo-fijados": HTMLDialogElement,
 *   "dialogo-mensaje": HTMLDialogElement, "dialogo-nueva": HTMLDialogElement,
 *   "dialogo-perfil": HTMLDialogElement, "dialogo-persona": HTMLDialogElement,
 *   "dialogo-recorte": HTMLDialogElement,
 *   "dialogo-sesiones": HTMLDialogElement, "visor": HTMLDialogElement,
 *   "busqueda-mias": HTMLInputElement, "detalles-nombre": HTMLInputElement,
 *   "elegir-camara": HTMLInputElement,
 *   "elegir-fotos": HTMLInputElement, "elegir-todo": HTMLInputElement,
 *   "eliminar-razon": HTMLInputElement, "emojis-buscar": HTMLInputElement, "enviar": HTMLButtonElement, "filtro": HTMLInputElement,
 *   "formulario-eliminar": HTMLFormElement, "grabadora-onda": HTMLCanvasElement,
 *   "formulario-ingreso": HTMLFormElement & Campos<"username" | "password">,
 *   "formulario-busqueda": HTMLFormElement & Campos<"archivo" | "desde" | "hasta" | "mias" | "texto"> &
 *     {tipo: HTMLSelectElement, orden: RadioNodeList},
 *   "formulario-nueva": HTMLFormElement & Campos<"nombre"> & {tipo: RadioNodeList},
 *   "formulario-perfil": HTMLFormElement & Campos<"nombre" | "apellido">,
 *   "formulario-recorte": HTMLFormElement, "prioridad": HTMLSelectElement,
 *   "recorte-lienzo": HTMLCanvasElement, "recorte-zoom": HTMLInputElement,
 *   "redactor-texto": HTMLTextAreaElement, "registro-filtro": HTMLInputElement,
 *   "transporte": HTMLSelectElement,
 * }} Elementos Los de la plantilla que son algo más que un `HTMLElement`, por su `id`.
 */

/**
 * @template {string} N
 * @typedef {Record<N, HTMLInputElement>} Campos Los de un formulario, por su `name`.
 */

/**
 * @template {string} E
 * @typedef {E extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[E] : HTMLElement} DeEtiqueta
 */

/**
 * @template {string} S
 * @typedef {DeEtiqueta<S extends `${infer E}.${string}` ? E : S>} DeSelector El que da `el`.
 */

/**
 * @typedef {string | number | boolean | null | undefined} Atributo
 * @typedef {Record<string, Atributo | ((evento: MouseEvent) => void)>} Opciones
 * @typedef {Node | string | false | null | undefined} Hijo
 */

/**
 * El elemento de la plantilla con ese `id`, que está siempre.
 *
 * @template {string} I
 * @param {I} id
 */
export const porId = (id) =>
  /** @type {I extends keyof Elementos ? Elementos[I] : HTMLElement} */ (document.getElementById(id));

/**
 * Un elemento. `texto` va a `textContent`; las funciones son oyentes; lo demás, atributos. Es el único
 * sitio que crea elementos con contenido: nada de lo que escribe una persona pasa por HTML.
 *
 * @template {string} S
 * @param {S} selector `etiqueta.clase.clase`
 * @param {Opciones} [opciones]
 * @param {Hijo[]} hijos
 */
export function el(selector, opciones = {}, ...hijos) {
  const [etiqueta, ...clases] = selector.split(".");
  const elemento = document.createElement(etiqueta || "div");
  if (clases.length) elemento.className = clases.join(" ");
  for (const [nombre, valor] of Object.entries(opciones)) {
    if (valor === undefined || valor === null || valor === false) continue;
    if (typeof valor === "function") elemento.addEventListener(nombre, /** @type {EventListener} */ (valor));
    else if (nombre === "texto") elemento.textContent = String(valor);
    else elemento.setAttribute(nombre, valor === true ? "" : String(valor));
  }
  elemento.append(...hijos.filter((h) => h !== null && h !== undefined && h !== false));
  return /** @type {DeSelector<S>} */ (elemento);
}

/**
 * Texto que dirá un lector de pantalla y no se ve.
 *
 * @param {string} texto
 */
export const oculto = (texto) => el("span.oculto", { texto });

/**
 * Dice algo a los lectores de pantalla.
 *
 * @param {string} texto
 */
export function anunciar(texto, urgente = false) {
  const region = porId(urgente ? "vivo-urgente" : "vivo");
  region.textContent = "";
  // Vacía primero: la misma frase dos veces seguidas también es un cambio.
  requestAnimationFrame(() => (region.textContent = texto));
}

// Lo que se redibuja entre pulsar y soltar se lleva el clic: el elemento pulsado ya no está.
let pulsado = false;
/** @type {(() => void)[]} */
const alSoltar = [];

function soltar() {
  pulsado = false;
  for (const pintar of alSoltar.splice(0)) pintar();
}

addEventListener("pointerdown", ({ isPrimary, button }) => (pulsado ||= isPrimary && button === 0), true);
// El clic llega justo después de soltar. Sin captura, `blur` es solo el de la ventana.
for (const fin of ["pointerup", "pointercancel"]) addEventListener(fin, () => setTimeout(soltar), true);
addEventListener("blur", soltar);

/**
 * Llama a `hacer` una vez por fotograma, por muchas que se pida, y nunca a media pulsación.
 *
 * @param {() => void} hacer
 */
export function porFotograma(hacer) {
  let pedido = false;
  const pintar = () => {
    if (pulsado) {
      alSoltar.push(pintar);
      return;
    }
    pedido = false;
    hacer();
  };
  return () => {
    if (!pedido) requestAnimationFrame(pintar);
    pedido = true;
  };
}

/**
 * @param {HTMLElement} caja
 * @param {string | null} [texto]
 */
export function mostrarError(caja, texto) {
  caja.hidden = !texto;
  caja.textContent = texto ?? "";
}
