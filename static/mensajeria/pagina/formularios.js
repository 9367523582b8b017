import { el } from "./dom.js";
import { enJson } from "./registro.js";

let cuenta = 0;

/**
 * El formulario de un evento, hecho de su esquema y relleno con su ejemplo. `conocido` da valores para
 * los campos que el ejemplo deja vacíos.
 */
export function formularioDe(cliente, evento, definiciones, conocido) {
  const campos = camposDe(resolver(evento.esquema, definiciones), evento.ejemplo, definiciones, conocido);
  const salida = el("pre.resultado", { role: "status", tabindex: "0", hidden: true });
  const formulario = el(
    "form",
    {},
    ...campos.map((c) => c.elemento),
    el("button.boton.boton-suave", { texto: `Enviar ${evento.nombre}` }),
    salida,
  );
  formulario.addEventListener("submit", async (e) => {
    e.preventDefault();
    salida.hidden = false;
    try {
      salida.textContent = enJson({ ok: true, datos: await cliente.pedir(evento.nombre, leer(campos)) });
    } catch (error) {
      const { code, message, campo } = error;
      salida.textContent = code
        ? enJson({ ok: false, error: { code, message, campo } })
        : `JSON no válido: ${message}`;
    }
  });
  return [el("p.suave", {}, ...conCodigo(evento.descripcion)), formulario];
}

// Lo que el catálogo pone entre acentos graves.
const conCodigo = (texto) => texto.split("`").map((t, i) => (i % 2 ? el("code", { texto: t }) : t));

const resolver = (esquema, definiciones) =>
  esquema.$ref ? definiciones[esquema.$ref.split("/").at(-1)] : esquema;

function leer(campos) {
  const objeto = {};
  for (const { nombre, valor } of campos) {
    const v = valor();
    if (v !== undefined) objeto[nombre] = v;
  }
  return objeto;
}

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

function campoDe(nombre, tipo, inicial, entorno) {
  const opciones = (tipo.anyOf ?? [tipo]).filter((t) => t.type !== "null");
  const esquema = resolver(opciones[0], entorno.definiciones);
  if (esquema.enum) return eleccion(nombre, esquema.enum, inicial, entorno);
  if (esquema.type === "boolean") return casilla(nombre, inicial);
  if (esquema.type === "object" && esquema.properties && entorno.obligatorio)
    return grupo(nombre, esquema, inicial, entorno);
  if (esquema.type === "object" || esquema.type === "array") return json(nombre, inicial, entorno);
  return linea(nombre, esquema, inicial, entorno);
}

function conEtiqueta(nombre, campo, obligatorio) {
  campo.id = `campo-${++cuenta}`;
  return el(
    "div.campo",
    {},
    el(
      "label",
      { for: campo.id },
      el("code", { texto: nombre }),
      !obligatorio && el("span.suave", { texto: " opcional" }),
    ),
    campo,
  );
}

function linea(nombre, esquema, inicial, { obligatorio }) {
  const numero = esquema.type === "integer" || esquema.type === "number";
  const largo = esquema.maxLength >= 1000 && nombre !== "token";
  const campo = el(largo ? "textarea" : "input", {
    type: largo ? undefined : numero ? "number" : "text",
    autocomplete: "off",
    spellcheck: "false",
    name: nombre,
  });
  campo.value = inicial ?? "";
  const valor = () => {
    if (campo.value === "" && !obligatorio) return undefined;
    return numero && campo.value !== "" ? Number(campo.value) : campo.value;
  };
  return { elemento: conEtiqueta(nombre, campo, obligatorio), valor };
}

function eleccion(nombre, valores, inicial, { obligatorio }) {
  const opciones = valores.map((v) => el("option", { value: v, texto: v }));
  if (!obligatorio) opciones.unshift(el("option", { value: "", texto: "—" }));
  const campo = el("select", { name: nombre }, ...opciones);
  campo.value = inicial ?? (obligatorio ? valores[0] : "");
  return { elemento: conEtiqueta(nombre, campo, obligatorio), valor: () => campo.value || undefined };
}

function casilla(nombre, inicial) {
  const campo = el("input", { type: "checkbox", name: nombre });
  campo.checked = Boolean(inicial);
  return {
    elemento: el("label.casilla", {}, campo, el("code", { texto: nombre })),
    valor: () => campo.checked,
  };
}

function json(nombre, inicial, { obligatorio }) {
  const campo = el("textarea.codigo", { rows: "3", spellcheck: "false", name: nombre, placeholder: "JSON" });
  campo.value = inicial === undefined || inicial === null ? "" : JSON.stringify(inicial, null, 2);
  return {
    elemento: conEtiqueta(nombre, campo, obligatorio),
    valor: () => (campo.value.trim() ? JSON.parse(campo.value) : undefined),
  };
}

function grupo(nombre, esquema, inicial, { definiciones, conocido }) {
  const campos = camposDe(esquema, inicial, definiciones, conocido);
  const elemento = el(
    "fieldset",
    {},
    el("legend", {}, el("code", { texto: nombre })),
    ...campos.map((c) => c.elemento),
  );
  return { elemento, valor: () => leer(campos) };
}
