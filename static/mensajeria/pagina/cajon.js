import { TRANSPORTES } from "../cliente.js";
import { conAviso } from "./avisos.js";
import { el, porId } from "./dom.js";
import { formularioDe, resolver } from "./formularios.js";
import { t } from "./idioma.js";
import { Registro } from "./registro.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { EventosServidor } from "../cliente/eventos.js"
 * @import { Conocido, Definiciones, Esquema, EventoDeCliente } from "./formularios.js"
 *
 * @typedef {{nombre: keyof EventosServidor, destinatarios: string, esquema: Esquema}} EventoDeServidor
 * @typedef {{cliente: EventoDeCliente[], servidor: EventoDeServidor[], definiciones: Definiciones}} Catalogo
 */

const PESTANAS = ["registro", "eventos", "catalogo"];
const CLAVE = "servitech.cajon";
/** @type {Record<string, number>} */
const PASOS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * El cajón de quien desarrolla: el registro de marcos y un formulario por evento del catálogo.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Conocido} conocido
 */
export function prepararCajon(cliente, conocido) {
  new Registro(cliente);
  llenar = () => conAviso(leerCatalogo(cliente, conocido));
  prepararPestanas();
  prepararTransportes(cliente);
  for (const id of ["abrir-cajon", "cerrar-cajon"]) porId(id).addEventListener("click", () => alternar());
  if (sessionStorage.getItem(CLAVE)) alternar(true);
}

/** @type {(() => void) | null} lo que falta por leer hasta que se abre */
let llenar = null;

/**
 * El catálogo ocupa más que la página: se pide cuando se va a mirar.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Conocido} conocido
 */
async function leerCatalogo(cliente, conocido) {
  const respuesta = await fetch(porId("cajon").dataset.catalogo ?? "");
  /** @type {Catalogo} */
  const catalogo = await respuesta.json();
  porId("panel-eventos").append(
    ...catalogo.cliente.map((e) => seccion(cliente, e, catalogo.definiciones, conocido)),
  );
  porId("panel-catalogo").append(...catalogo.servidor.map((e) => delServidor(e, catalogo.definiciones)));
}

/** Abre o cierra el cajón. */
export function alternar(abrir = Boolean(porId("cajon").hidden)) {
  porId("cajon").hidden = !abrir;
  if (abrir) llenar?.();
  if (abrir) llenar = null;
  porId("mensajeria").classList.toggle("con-cajon", abrir);
  porId("abrir-cajon").setAttribute("aria-expanded", String(abrir));
  if (abrir) sessionStorage.setItem(CLAVE, "1");
  else {
    sessionStorage.removeItem(CLAVE);
    const boton = porId("abrir-cajon");
    (boton.offsetParent ? boton : porId("abrir-menu")).focus();
  }
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {EventoDeCliente} evento
 * @param {Definiciones} definiciones
 * @param {Conocido} conocido
 */
function seccion(cliente, evento, definiciones, conocido) {
  const detalles = el(
    "details.evento",
    { "data-evento": evento.nombre },
    el(
      "summary",
      {},
      el("code", { texto: evento.nombre }),
      evento.respuesta && el("span.suave", { texto: ` → ${evento.respuesta}` }),
    ),
  );
  // Los formularios se hacen al abrirse: quince de una vez no se miran.
  detalles.addEventListener("toggle", () => {
    if (detalles.open && detalles.children.length === 1)
      detalles.append(...formularioDe(cliente, evento, definiciones, conocido));
  });
  return detalles;
}

/**
 * @param {EventoDeServidor} evento
 * @param {Definiciones} definiciones
 */
function delServidor({ nombre, destinatarios, esquema }, definiciones) {
  const forma = resolver(esquema, definiciones);
  const campos = Object.entries(forma.properties ?? {}).map(([campo, tipo]) =>
    el("li", {}, el("code", { texto: campo }), ` ${tipoEnPalabras(tipo)}`),
  );
  return el(
    "details.evento",
    {},
    el("summary", {}, el("code", { texto: nombre })),
    el("p.suave", { texto: t("Llega a {destinatarios}.", { destinatarios }) }),
    el("ul.campos", {}, ...campos),
  );
}

/**
 * @param {Esquema} tipo
 * @returns {string}
 */
function tipoEnPalabras(tipo) {
  if (tipo.$ref) return tipo.$ref.split(/[/.]/).at(-1) ?? "";
  if (tipo.enum) return tipo.enum.join(" | ");
  if (tipo.anyOf) return tipo.anyOf.map(tipoEnPalabras).join(" | ");
  return tipo.type === "array" ? `${tipoEnPalabras(tipo.items ?? {})}[]` : (tipo.type ?? "cualquiera");
}

function prepararPestanas() {
  const botones = PESTANAS.map((nombre) => porId(`pestana-${nombre}`));
  const elegir = (/** @type {number} */ i) => {
    botones.forEach((boton, j) => {
      boton.setAttribute("aria-selected", String(i === j));
      boton.tabIndex = i === j ? 0 : -1;
      porId(`panel-${PESTANAS[j]}`).hidden = i !== j;
    });
    botones[i].focus();
  };
  botones.forEach((boton, i) => {
    boton.addEventListener("click", () => elegir(i));
    boton.addEventListener("keydown", ({ key }) => {
      const paso = PASOS[key];
      if (paso) elegir((i + paso + botones.length) % botones.length);
    });
  });
}

/** @param {ClienteMensajeria} cliente */
function prepararTransportes(cliente) {
  const selector = porId("transporte");
  selector.append(
    ...Object.entries(TRANSPORTES).map(([valor, { nombre }]) =>
      el("option", { value: valor, texto: nombre }),
    ),
  );
  selector.value = cliente.transporte;
  selector.addEventListener("change", () =>
    cliente.usarTransporte(/** @type {keyof typeof TRANSPORTES} */ (selector.value)),
  );
}
