import { avatarDe, avatarDeConversacion, avatarPresente } from "./avatar.js";
import { abrirDialogo } from "./dialogos.js";
import { anunciar, el, mostrarError, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { REGION, t } from "./idioma.js";
import { dato } from "./informacion.js";
import { abrirPersona } from "./persona.js";
import { esNumerosa } from "./personas.js";
import { Retrato } from "./retrato.js";
import { Selector } from "./selector.js";
import { enPalabras, fechaEntera, nombreDe, ROLES, TIPOS, tituloDe } from "./textos.js";
import { presenciaDe } from "./ultima_vez.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Participante } from "../cliente/eventos.js"
 *
 * @typedef {{participantes: Participante[], siguiente: string | null}} Leidos
 */

/** @type {ClienteMensajeria} */
let cliente;
let abierta = "";
/** @type {Leidos | null} de una numerosa, las páginas de participantes que se han leído */
let leidos = null;
/** @type {Selector} */
let selector;
/** @type {Retrato} */
let retrato;

/**
 * Enlaza los detalles; se llama una vez.
 *
 * @param {ClienteMensajeria} cliente_
 */
export function prepararDetalles(cliente_) {
  cliente = cliente_;
  cliente.on("conversacion", ({ conversacion }) => {
    if (conversacion._id === abierta && porId("dialogo-detalles").open) pintar();
  });
  selector = new Selector(porId("detalles-personas"), cliente, { etiqueta: t("Agregar personas") });
  retrato = new Retrato(porId("detalles-retrato"), {
    redondo: false,
    avatar: () => {
      const conversacion = cliente.conversacion(abierta);
      return conversacion ? avatarDeConversacion(conversacion, cliente.usuarioId) : el("span");
    },
    hay: () => Boolean(cliente.conversacion(abierta)?.configuracion.avatar),
    poner: (recorte) => cliente.ajustes.ponerAvatar(abierta, recorte),
    quitar: () => cliente.ajustes.quitarAvatar(abierta),
    fallo: (error) => mostrarError(porId("detalles-error"), enPalabras(error)),
  });
  porId("detalles-abrir-agregar").addEventListener("click", () => {
    mostrarAgregar(true);
    selector.abrir(presentes());
    selector.enfocar();
  });
  porId("detalles-agregar").addEventListener("submit", (evento) => {
    evento.preventDefault();
    agregar();
  });
  porId("detalles-renombrar").addEventListener("submit", (evento) => {
    evento.preventDefault();
    renombrar();
  });
  porId("detalles-nombre").addEventListener("input", () => ofrecerGuardar());
  porId("detalles-mas").addEventListener("click", () => intentar(leerMas()));
  porId("detalles-salir").addEventListener("click", async () => {
    if (await intentar(cliente.quitarParticipante(abierta, cliente.usuarioId ?? "")))
      porId("dialogo-detalles").close();
  });
}

/** @param {Promise<unknown>} promesa */
async function intentar(promesa) {
  try {
    await promesa;
    mostrarError(porId("detalles-error"), null);
    return true;
  } catch (error) {
    mostrarError(porId("detalles-error"), enPalabras(error));
    return false;
  }
}

/** Con quienes ya están no se cuenta. */
function presentes() {
  const { participantes } = leidos ?? cliente.conversacion(abierta) ?? { participantes: [] };
  return participantes.filter((p) => p.activo).map((p) => p.usuario._id);
}

/** @param {boolean} mostrar */
function mostrarAgregar(mostrar) {
  porId("detalles-agregar").hidden = !mostrar;
  porId("detalles-abrir-agregar").setAttribute("aria-expanded", String(mostrar));
}

async function agregar() {
  const { elegidas } = selector;
  if (!elegidas.length) return selector.enfocar();
  for (const { _id } of elegidas) {
    if (!(await intentar(cliente.agregarParticipante(abierta, _id)))) break;
    selector.quitar([_id]);
  }
  leerOtraVez();
  if (selector.elegidas.length) return selector.enfocar();
  mostrarAgregar(false);
  porId("detalles-abrir-agregar").focus();
}

async function renombrar() {
  const nombrePersonalizado = porId("detalles-nombre").value.trim();
  if (await intentar(cliente.ajustes.cambiar(abierta, { nombrePersonalizado })))
    anunciar(t("Nombre cambiado"));
  ofrecerGuardar();
}

/** Solo si hay algo que guardar. */
function ofrecerGuardar() {
  const { nombrePersonalizado = "" } = cliente.conversacion(abierta)?.configuracion ?? {};
  const boton = porId("detalles-renombrar-guardar");
  const igual = porId("detalles-nombre").value.trim() === nombrePersonalizado;
  if (igual && boton === document.activeElement) porId("detalles-nombre").focus();
  boton.hidden = igual;
}

/**
 * Quién participa y qué es la conversación.
 *
 * @param {string} id
 */
export function abrirDetalles(id) {
  abierta = id;
  mostrarError(porId("detalles-error"), null);
  mostrarAgregar(false);
  porId("detalles-nombre").value = "";
  leerOtraVez();
  pintar();
  abrirDialogo(porId("dialogo-detalles"));
}

function leerOtraVez() {
  leidos = null;
  const conversacion = cliente.conversacion(abierta);
  if (conversacion && esNumerosa(conversacion)) intentar(leerMas());
}

async function leerMas() {
  const [id, previos] = [abierta, leidos];
  const { results, siguiente } = await cliente.participantes(id, previos?.siguiente);
  if (id !== abierta || previos !== leidos) return;
  leidos = { participantes: [...(previos?.participantes ?? []), ...results], siguiente };
  pintar();
}

function pintar() {
  const conversacion = cliente.conversacion(abierta);
  if (!conversacion) return;
  const propio = conversacion.participantes.find((p) => p.usuario._id === cliente.usuarioId);
  const modera = Boolean(propio?.permisos.puedeModerar) && conversacion.tipo !== "individual";
  pintarNombre(conversacion, modera);
  porId("detalles-datos").replaceChildren(...datosDe(conversacion));
  const { participantes } = (esNumerosa(conversacion) && leidos) || conversacion;
  const activos = participantes.filter((p) => p.activo);
  porId("detalles-participantes").replaceChildren(...activos.map((p) => persona(p, modera)));
  porId("detalles-mas").hidden = !(esNumerosa(conversacion) && leidos?.siguiente);
  porId("detalles-abrir-agregar").hidden = !modera;
  if (!modera) mostrarAgregar(false);
  porId("detalles-pie").hidden = conversacion.tipo === "individual";
}

/**
 * Quien modera cambia el nombre y la foto; los demás los ven.
 *
 * @param {Conversacion} conversacion
 * @param {boolean} modera
 */
function pintarNombre(conversacion, modera) {
  porId("detalles-retrato").hidden = !modera;
  porId("detalles-renombrar").hidden = !modera;
  porId("detalles-quien").hidden = modera;
  if (modera) {
    retrato.pintar();
    const campo = porId("detalles-nombre");
    const { nombrePersonalizado } = conversacion.configuracion;
    if (campo !== document.activeElement) campo.value = nombrePersonalizado;
    ofrecerGuardar();
    campo.placeholder = tituloDe(conversacion, cliente.usuarioId);
    return;
  }
  porId("detalles-quien").replaceChildren(
    avatarDeConversacion(conversacion, cliente.usuarioId),
    el("bdi.retrato-nombre", { texto: tituloDe(conversacion, cliente.usuarioId) }),
  );
}

/** @param {Conversacion} conversacion */
function datosDe(conversacion) {
  const datos = [
    dato(t("Tipo"), TIPOS[conversacion.tipo]),
    dato(t("Código"), conversacion.codigoConversacion),
    dato(t("Creada"), fechaEntera(conversacion.fechaCreacion)),
    dato(t("Mensajes"), conversacion.ultimaSecuencia.toLocaleString(REGION)),
  ];
  if (esNumerosa(conversacion)) datos.push(dato(t("Participantes"), `${conversacion.totalParticipantes}`));
  if (conversacion.configuracion.descripcion)
    datos.push(dato(t("Descripción"), conversacion.configuracion.descripcion));
  return datos;
}

/**
 * @param {Participante} p
 * @param {boolean} modera
 */
function persona(p, modera) {
  const soyYo = p.usuario._id === cliente.usuarioId;
  const estado = `${ROLES[p.rol]} · ${presenciaDe({ ...p, enLinea: p.enLinea || soyYo })}`;
  const cuerpo = el(
    "span.persona-cuerpo",
    {},
    el("span.persona-nombre", {}, el("bdi", { texto: nombreDe(p.usuario) }), soyYo && ` ${t("(tú)")}`),
    el("span.suave", { texto: estado }),
  );
  if (soyYo) return el("li", {}, avatarDe(p.usuario), cuerpo);
  const ver = el(
    "button.persona-boton",
    { type: "button", click: () => abrirPersona(p.usuario, p) },
    avatarPresente({ ...p.usuario, enLinea: p.enLinea }),
    cuerpo,
  );
  return el("li", {}, ver, modera && quitar(p));
}

/** @param {Participante} p */
function quitar({ usuario }) {
  const hacer = () => intentar(cliente.quitarParticipante(abierta, usuario._id)).then(leerOtraVez);
  const etiqueta = t("Quitar a {nombre}", { nombre: nombreDe(usuario) });
  return el(
    "button.boton-icono",
    { type: "button", "aria-label": etiqueta, click: hacer },
    icono("cerrar"),
  );
}
