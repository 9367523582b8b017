import { t } from "./idioma.js";

/** @import { Archivo } from "../cliente/eventos.js" */

// Con lo que empieza el nombre de las que se graban aquí, en el idioma que sea.
// eslint-disable-next-line no-restricted-syntax
export const NOTA_DE_VOZ = "Nota de voz";

const DE_TIPO = new Map([
  ["application/pdf", "PDF"],
  ["application/zip", "ZIP"],
  ["application/msword", "Word"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"],
  ["application/vnd.ms-excel", "Excel"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"],
  ["text/plain", t("Texto")],
  ["text/csv", "CSV"],
]);

/** @param {Pick<Archivo, "nombre">} archivo */
export const esNotaDeVoz = ({ nombre }) => nombre.startsWith(NOTA_DE_VOZ);

/** @param {number} segundos */
export function minutos(segundos) {
  const s = Math.max(0, Math.round(segundos));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/**
 * Qué es, en una palabra.
 *
 * @param {Pick<Archivo, "tipo" | "nombre">} archivo
 */
export function queEs({ tipo, nombre }) {
  const [, extension] = nombre.match(/\.([a-z0-9]{1,5})$/i) ?? [];
  return DE_TIPO.get(tipo) ?? (extension?.toUpperCase() || t("Archivo"));
}

/**
 * Un archivo, en una línea.
 *
 * @param {Archivo} archivo
 */
export function rotulo({ clase, nombre, duracion }) {
  const cuanto = duracion ? ` (${minutos(duracion)})` : "";
  if (clase === "imagen") return t("Imagen");
  if (clase === "video") return `${t("Vídeo")}${cuanto}`;
  if (clase === "audio") return `${esNotaDeVoz({ nombre }) ? t("Nota de voz") : t("Audio")}${cuanto}`;
  return nombre;
}
