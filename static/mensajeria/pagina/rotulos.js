/** @import { Archivo } from "../cliente/eventos.js" */

// Con lo que empieza el nombre de las que se graban aquí.
export const NOTA_DE_VOZ = "Nota de voz";

const DE_TIPO = new Map([
  ["application/pdf", "PDF"],
  ["application/zip", "ZIP"],
  ["application/msword", "Word"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"],
  ["application/vnd.ms-excel", "Excel"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"],
  ["text/plain", "Texto"],
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
  return DE_TIPO.get(tipo) ?? (extension?.toUpperCase() || "Archivo");
}

/**
 * Un archivo, en una línea.
 *
 * @param {Archivo} archivo
 */
export function rotulo({ clase, nombre, duracion }) {
  const cuanto = duracion ? ` (${minutos(duracion)})` : "";
  if (clase === "imagen") return "Imagen";
  if (clase === "video") return `Vídeo${cuanto}`;
  if (clase === "audio") return `${esNotaDeVoz({ nombre }) ? NOTA_DE_VOZ : "Audio"}${cuanto}`;
  return nombre;
}
