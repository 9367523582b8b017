/**
 * @import { Mensaje, Persona } from "../cliente/eventos.js"
 * @import { Nombrado } from "./formato.js"
 * @import { Personas } from "./personas.js"
 */

/**
 * Con lo que se compara un nombre: sin mayúsculas, y escrito siempre igual.
 *
 * @param {string} nombre
 */
export const plegado = (nombre) => nombre.normalize("NFKC").trim().toLowerCase();

/**
 * Cómo se pinta cada `@nombre` de un mensaje. A quién nombra lo dice el servidor, y no el texto.
 *
 * @param {Mensaje} mensaje
 * @param {{yo: string | null, personas: Personas}} entorno
 * @returns {Nombrado}
 */
export function nombradosEn({ menciones, contenido: { texto } }, { yo, personas }) {
  if (!menciones?.length) return () => "";
  const quien = new Map(menciones.flatMap((id) => nombresDe(id, personas.get(id)).map((n) => [n, id])));
  const sueltos = menciones.filter((id) => !nombresDe(id, personas.get(id)).some((n) => esta(n, texto)));
  // A quien se nombró por su usuario, que aquí no se sabe cuál es.
  const [unico] = sueltos;
  return (nombre) => {
    const id = quien.get(plegado(nombre)) ?? unico;
    if (!id) return "";
    return id === yo ? "mencion.mia" : "mencion";
  };
}

/**
 * @param {string} id
 * @param {Persona} [persona]
 */
const nombresDe = (id, persona) => [id, persona?.nombre ?? ""].map(plegado).filter(Boolean);

/**
 * @param {string} nombre
 * @param {string} texto
 */
const esta = (nombre, texto) => plegado(texto).includes(`@${nombre}`);
