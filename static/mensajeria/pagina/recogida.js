import { avisar } from "./avisos.js";
import { porId } from "./dom.js";
import { REGION, t } from "./idioma.js";
import { abrirMenu } from "./menu.js";

/**
 * @typedef {object} Destino
 * @property {() => boolean} admite si ahora se puede adjuntar
 * @property {(archivos: File[]) => void} recoger
 */

/** @type {("elegir-todo" | "elegir-fotos" | "elegir-camara")[]} */
const ELECTORES = ["elegir-todo", "elegir-fotos", "elegir-camara"];

/**
 * Por dónde llegan los archivos: el botón, lo que se pega y lo que se suelta.
 *
 * @param {Destino} destino
 */
export function prepararRecogida(destino) {
  porId("adjuntar").addEventListener("click", elegir);
  for (const id of ELECTORES) {
    const elector = porId(id);
    elector.addEventListener("change", () => {
      destino.recoger([...(elector.files ?? [])]);
      // El mismo, otra vez, también es un cambio.
      elector.value = "";
    });
  }
  document.addEventListener("paste", (evento) => alPegar(evento, destino));
  prepararZona(destino);
}

/** En un teléfono se pregunta de dónde; en una mesa, de una carpeta. */
function elegir() {
  if (!matchMedia("(pointer: coarse), (max-width: 759px)").matches) return porId("elegir-todo").click();
  abrirMenu(
    porId("adjuntar"),
    [
      { texto: t("Fotos y vídeos"), icono: "imagen", hacer: () => porId("elegir-fotos").click() },
      { texto: t("Cámara"), icono: "camara", hacer: () => porId("elegir-camara").click() },
      { texto: t("Archivo"), icono: "archivo", hacer: () => porId("elegir-todo").click() },
    ],
    t("Adjuntar"),
  );
}

/**
 * @param {ClipboardEvent} evento
 * @param {Destino} destino
 */
function alPegar(evento, { admite, recoger }) {
  const { clipboardData: datos, target } = evento;
  const enOtroCampo = target instanceof Element && target.matches("input, textarea:not(#redactor-texto)");
  if (!datos?.files.length || enOtroCampo || !admite()) return;
  // Un trozo de hoja de cálculo o de documento trae también su imagen: es texto.
  if (datos.types.includes("text/plain") && datos.types.includes("text/html")) return;
  evento.preventDefault();
  recoger([...datos.files].map(conNombre));
}

/**
 * Lo copiado de una pantalla se llama siempre igual.
 *
 * @param {File} archivo
 */
function conNombre(archivo) {
  const extension = /^image\.(\w+)$/.exec(archivo.name)?.[1];
  if (!extension) return archivo;
  const cuando = new Date().toLocaleString(REGION).replace(",", "").replace(/[/:]/g, ".");
  return new File([archivo], `${t("Imagen pegada")} ${cuando}.${extension}`, { type: archivo.type });
}

/** @param {Destino} destino */
function prepararZona({ admite, recoger }) {
  const zona = porId("zona");
  addEventListener("dragenter", (evento) => {
    if (traeArchivos(evento) && admite()) zona.hidden = false;
  });
  // Sin esto, el navegador abre lo que se suelta y se va de la página.
  addEventListener("dragover", (evento) => {
    if (!traeArchivos(evento) || !evento.dataTransfer) return;
    evento.preventDefault();
    evento.dataTransfer.dropEffect = admite() ? "copy" : "none";
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) zona.hidden = true;
  });
  addEventListener("drop", (evento) => {
    zona.hidden = true;
    if (!traeArchivos(evento) || !evento.dataTransfer) return;
    evento.preventDefault();
    const archivos = sinCarpetas(evento.dataTransfer);
    if (archivos.length && admite()) recoger(archivos);
  });
}

/** @param {DragEvent} evento */
const traeArchivos = ({ dataTransfer }) => Boolean(dataTransfer?.types.includes("Files"));

/** @param {DataTransfer} datos */
function sinCarpetas({ items }) {
  const suyos = [...items].filter(({ kind }) => kind === "file");
  const sueltos = suyos.filter((uno) => !uno.webkitGetAsEntry?.()?.isDirectory);
  if (sueltos.length < suyos.length)
    avisar(t("Una carpeta no se puede enviar: comprímela antes en un ZIP."));
  return sueltos.map((uno) => uno.getAsFile()).filter((archivo) => archivo !== null);
}
