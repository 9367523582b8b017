import { ErrorMensajeria } from "../cliente.js";
import { el } from "./dom.js";
import { IDIOMA, t } from "./idioma.js";
import { enJson } from "./registro.js";
import { enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { EventosCliente } from "../cliente/eventos.js"
 *
 * @typedef {object} Esquema Lo que se usa de un JSON Schema.
 * @property {string} [type]
 * @property {string} [$ref]
 * @property {Esquema[]} [anyOf]
 * @property {Esquema} [items]
 * @property {string[]} [enum]
 * @property {number} [maxLength]
 * @property {string[]} [required]
 * @property {Record<string, Esquema>} [properties]
 *
 * @typedef {Record<string, Esquema>} Definiciones
 * @typedef {Record<string, unknown>} Ejemplo
 * @typedef {(campo: string) => string | undefined} Conocido Un valor que está a la vista.
 *
 * @typedef {object} EventoDeCliente
 * @property {keyof EventosCliente} nombre
 * @property {string} descripcion
 * @property {string | null} respuesta
 * @property {Ejemplo} ejemplo
 * @property {Esquema} esquema
 *
 * @typedef {{elemento: HTMLElement, valor: () => unknown}} Campo
 * @typedef {{obligatorio: boolean, definiciones: Definiciones, conocido: Conocido}} Entorno
 */

let cuenta = 0;

/**
 * El formulario de un evento, hecho de su esquema y relleno con su ejemplo. `conocido` da valores para
 * los campos que el ejemplo deja vacíos.
 *
 * @param {ClienteMensajeria} cliente
 * @param {EventoDeCliente} evento
 * @param {Definiciones} definiciones
 * @param {Conocido} conocido
 */
export function formularioDe(cliente, evento, definiciones, conocido) {
  const campos = camposDe(resolver(evento.esquema, definiciones), evento.ejemplo, definiciones, conocido);
  const salida = el("pre.resultado", { role: "status", tabindex: "0", hidden: true });
  const formulario = el(
    "form",
    {},
    ...campos.map((c) => c.elemento),
    el("button.boton.boton-suave", { texto: t("Enviar {evento}", { evento: evento.nombre }) }),
    salida,
  );
  formulario.addEventListener("submit", async (e) => {
    e.preventDefault();
    salida.hidden = false;
    try {
      // Lo valida el servidor: aquí se puede enviar también lo que no vale.
      const datos = /** @type {EventosCliente[typeof evento.nombre]} */ (leer(campos));
      salida.textContent = enJson({ ok: true, datos: await cliente.pedir(evento.nombre, datos) });
    } catch (error) {
      salida.textContent = fallo(error);
    }
  });
  return [el("p.suave", {}, ...conCodigo(evento.descripcion)), formulario];
}

/** @param {unknown} error */
function fallo(error) {
  if (!(error instanceof ErrorMensajeria)) {
    const { message: motivo } = /** @type {Error} */ (error);
    return t("JSON no válido: {motivo}", { motivo });
  }
  const { code, message, campo } = error;
  const crudo = enJson({ ok: false, error: { code, message, campo } });
  return IDIOMA === "es" ? crudo : `${enPalabras(error)}\n${crudo}`;
}

/**
 * Lo que el catálogo pone entre acentos graves.
 *
 * @param {string} texto
 */
const conCodigo = (texto) => texto.split("`").map((parte, i) => (i % 2 ? el("code", { texto: parte }) : parte));

/**
 * @param {Esquema} esquema
 * @param {Definiciones} definiciones
 */
export const resolver = (esquema, definiciones) =>
  esquema.$ref ? definiciones[esquema.$ref.split("/").at(-1) ?? ""] : esquema;

/** @param {(Campo & {nombre: string})[]} campos */
function leer(campos) {
  /** @type {Record<string, unknown>} */
  const objeto = {};
  for (const { nombre, valor } of campos) {
    const v = valor();
    if (v !== undefined) objeto[nombre] = v;
  }
  return objeto;
}

/**
 * @param {Esquema} esquema
 * @param {Ejemplo | undefined} ejemplo
 * @param {Definiciones} definiciones
 * @param {Conocido} conocido
 */
function camposDe(esquema, ejemplo, definiciones, conocido) {
  const obligatorios = new Set(esquema.required ?? []);
  return Object.entries(esquema.properties ?? {}).map(([nombre, tipo]) => {
    const inicial = ejemplo?.[nombre] || conocido(nombre) || ejemplo?.[nombre];
    return {
      nombre,
      ...campoDe(nombre, tipo, inicial, { obligatorio: obligatorios.has(nombre), definiciones, conocido }),
    };
  });
}

/**
 * @param {string} nombre
 * @param {Esquema} tipo
 * @param {unknown} inicial
 * @param {Entorno} entorno
 * @returns {Campo}
 */
function campoDe(nombre, tipo, inicial, entorno) {
  const opciones = (tipo.anyOf ?? [tipo]).filter((uno) => uno.type !== "null");
  const esquema = resolver(opciones[0], entorno.definiciones);
  if (esquema.enum) return eleccion(nombre, esquema.enum, inicial, entorno);
  if (esquema.type === "boolean") return casilla(nombre, inicial);
  if (esquema.type === "object" && esquema.properties && entorno.obligatorio)
    return grupo(nombre, esquema, inicial, entorno);
  if (esquema.type === "object" || esquema.type === "array") return json(nombre, inicial, entorno);
  return linea(nombre, esquema, inicial, entorno);
}

/**
 * @param {string} nombre
 * @param {HTMLElement} campo
 * @param {boolean} obligatorio
 */
function conEtiqueta(nombre, campo, obligatorio) {
  campo.id = `campo-${++cuenta}`;
  return el(
    "div.campo",
    {},
    el(
      "label",
      { for: campo.id },
      el("code", { texto: nombre }),
      !obligatorio && el("span.suave", { texto: ` ${t("(opcional)")}` }),
    ),
    campo,
  );
}

/**
 * @param {string} nombre
 * @param {Esquema} esquema
 * @param {unknown} inicial
 * @param {Entorno} entorno
 */
function linea(nombre, esquema, inicial, { obligatorio }) {
  const numero = esquema.type === "integer" || esquema.type === "number";
  const largo = (esquema.maxLength ?? 0) >= 1000 && nombre !== "token";
  const campo = el(/** @type {"input"} */ (largo ? "textarea" : "input"), {
    type: largo ? undefined : numero ? "number" : "text",
    autocomplete: "off",
    spellcheck: "false",
    name: nombre,
  });
  campo.value = String(inicial ?? "");
  const valor = () => {
    if (campo.value === "" && !obligatorio) return undefined;
    return numero && campo.value !== "" ? Number(campo.value) : campo.value;
  };
  return { elemento: conEtiqueta(nombre, campo, obligatorio), valor };
}

/**
 * @param {string} nombre
 * @param {string[]} valores
 * @param {unknown} inicial
 * @param {Entorno} entorno
 */
function eleccion(nombre, valores, inicial, { obligatorio }) {
  const opciones = valores.map((v) => el("option", { value: v, texto: v }));
  if (!obligatorio) opciones.unshift(el("option", { value: "", texto: "—" }));
  const campo = el("select", { name: nombre }, ...opciones);
  campo.value = String(inicial ?? (obligatorio ? valores[0] : ""));
  return { elemento: conEtiqueta(nombre, campo, obligatorio), valor: () => campo.value || undefined };
}

/**
 * @param {string} nombre
 * @param {unknown} inicial
 */
function casilla(nombre, inicial) {
  const campo = el("input", { type: "checkbox", name: nombre });
  campo.checked = Boolean(inicial);
  return {
    elemento: el("label.casilla", {}, campo, el("code", { texto: nombre })),
    valor: () => campo.checked,
  };
}

/**
 * @param {string} nombre
 * @param {unknown} inicial
 * @param {Entorno} entorno
 */
function json(nombre, inicial, { obligatorio }) {
  const campo = el("textarea.codigo", { rows: "3", spellcheck: "false", name: nombre, placeholder: "JSON" });
  campo.value = inicial === undefined || inicial === null ? "" : JSON.stringify(inicial, null, 2);
  return {
    elemento: conEtiqueta(nombre, campo, obligatorio),
    valor: () => (campo.value.trim() ? JSON.parse(campo.value) : undefined),
  };
}

/**
 * @param {string} nombre
 * @param {Esquema} esquema
 * @param {unknown} inicial
 * @param {Entorno} entorno
 */
function grupo(nombre, esquema, inicial, { definiciones, conocido }) {
  const campos = camposDe(esquema, /** @type {Ejemplo} */ (inicial), definiciones, conocido);
  const elemento = el(
    "fieldset",
    {},
    el("legend", {}, el("code", { texto: nombre })),
    ...campos.map((c) => c.elemento),
  );
  return { elemento, valor: () => leer(campos) };
}
