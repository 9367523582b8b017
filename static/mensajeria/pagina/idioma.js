/** @typedef {Record<string, string | number>} Datos */

/** En el que el servidor sirvió la página: de los que sabe, el primero que pide el navegador. */
export const IDIOMA = document.documentElement.lang === "en" ? "en" : "es";

/** El de la persona con su región, si la dice: `es-CO`, `en-GB`. De él salen las fechas y los números. */
export const REGION =
  navigator.languages.find((l) => l.toLowerCase().split("-")[0] === IDIOMA) ?? IDIOMA;

/** @type {Record<string, string>} */
const FRASES = IDIOMA === "en" ? (await import("./ingles.js")).default : {};

const NUMERO = new Intl.NumberFormat(REGION);
const LISTA = new Intl.ListFormat(REGION, { type: "conjunction" });

/**
 * La frase en el idioma de la página, con sus datos en el sitio de cada `{nombre}`.
 *
 * @param {string} frase en español, tal como está en `ingles.js`
 * @param {Datos} [datos] los números salen con sus separadores
 */
export function t(frase, datos = {}) {
  return (FRASES[frase] ?? frase).replace(/\{(\w+)\}/g, (hueco, nombre) => {
    const dato = datos[nombre];
    return typeof dato === "number" ? NUMERO.format(dato) : (dato ?? hueco);
  });
}

/**
 * La que toca a ese número, que ya va dentro como `{n}`.
 *
 * @param {number} n
 * @param {string} una
 * @param {string} varias
 * @param {Datos} [datos]
 */
export const tn = (n, una, varias, datos) => t(n === 1 ? una : varias, { n, ...datos });

/** @param {string[]} cosas */
export const enLista = (cosas) => LISTA.format(cosas);

/**
 * Cómo se dice aquí un error del servidor, si no es con las palabras que trae.
 *
 * @param {string} code
 * @returns {string | undefined}
 */
export const deCodigo = (code) => FRASES[`error.${code}`];
