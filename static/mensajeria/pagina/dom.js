export const porId = (id) => document.getElementById(id);

/**
 * Un elemento. `texto` va a `textContent`; las funciones son oyentes; lo demás, atributos. Es el único
 * sitio que crea elementos con contenido: nada de lo que escribe una persona pasa por HTML.
 */
export function el(selector, opciones = {}, ...hijos) {
  const [etiqueta, ...clases] = selector.split(".");
  const elemento = document.createElement(etiqueta || "div");
  if (clases.length) elemento.className = clases.join(" ");
  for (const [nombre, valor] of Object.entries(opciones)) {
    if (valor === undefined || valor === null || valor === false) continue;
    if (nombre === "texto") elemento.textContent = valor;
    else if (typeof valor === "function") elemento.addEventListener(nombre, valor);
    else elemento.setAttribute(nombre, valor === true ? "" : valor);
  }
  elemento.append(...hijos.filter((h) => h !== null && h !== undefined && h !== false));
  return elemento;
}

/** Texto que dirá un lector de pantalla y no se ve. */
export const oculto = (texto) => el("span.oculto", { texto });

/** Dice algo a los lectores de pantalla. */
export function anunciar(texto, urgente = false) {
  const region = porId(urgente ? "vivo-urgente" : "vivo");
  region.textContent = "";
  // Vacía primero: la misma frase dos veces seguidas también es un cambio.
  requestAnimationFrame(() => (region.textContent = texto));
}

// Lo que se redibuja entre pulsar y soltar se lleva el clic: el elemento pulsado ya no está.
let pulsado = false;
const alSoltar = [];

function soltar() {
  pulsado = false;
  for (const pintar of alSoltar.splice(0)) pintar();
}

addEventListener("pointerdown", ({ isPrimary, button }) => (pulsado ||= isPrimary && button === 0), true);
// El clic llega justo después de soltar. Sin captura, `blur` es solo el de la ventana.
for (const fin of ["pointerup", "pointercancel"]) addEventListener(fin, () => setTimeout(soltar), true);
addEventListener("blur", soltar);

/** Llama a `hacer` una vez por fotograma, por muchas que se pida, y nunca a media pulsación. */
export function porFotograma(hacer) {
  let pedido = false;
  const pintar = () => {
    if (pulsado) return alSoltar.push(pintar);
    pedido = false;
    hacer();
  };
  return () => {
    if (!pedido) requestAnimationFrame(pintar);
    pedido = true;
  };
}

export function mostrarError(caja, texto) {
  caja.hidden = !texto;
  caja.textContent = texto ?? "";
}
