import { ClienteMensajeria } from "../cliente.js";
import { prepararAtajos } from "./atajos.js";
import { avatarDe } from "./avatar.js";
import { avisarError, callarAvisos, conAviso } from "./avisos.js";
import { prepararBanda } from "./banda.js";
import { abrirBorradores, borrarBorradores } from "./borradores.js";
import { alternar, prepararCajon } from "./cajon.js";
import { VistaConversacion } from "./conversacion.js";
import { abrirDetalles, prepararDetalles } from "./detalles.js";
import { prepararDialogos } from "./dialogos.js";
import { porFotograma, porId } from "./dom.js";
import { prepararEscritorio } from "./escritorio.js";
import { ponerIconos } from "./iconos.js";
import { t } from "./idioma.js";
import { prepararImagenes } from "./imagenes.js";
import { prepararInformacion } from "./informacion.js";
import { mostrarIngreso, prepararIngreso } from "./ingreso.js";
import { Lista } from "./lista.js";
import { prepararMedios } from "./medios.js";
import { abrirMenu, prepararMenu } from "./menu.js";
import { prepararNavegador } from "./navegador.js";
import { Notificaciones } from "./notificaciones.js";
import { prepararNueva } from "./nueva.js";
import { prepararOpciones } from "./opciones.js";
import { abrirPerfil, prepararPerfil } from "./perfil.js";
import { prepararPersona } from "./persona.js";
import { estaSilenciada, preferenciasDe } from "./preferencias.js";
import { prepararRecorte } from "./recorte.js";
import { prepararReproductor } from "./reproductor.js";
import { Rastreo } from "./rastreo.js";
import { abrirSesiones, prepararSesiones } from "./sesiones.js";
import { siguienteDe } from "./siguiente.js";
import { elegirTema, temaElegido, TEMAS } from "./tema.js";
import { enPalabras, sinControles, tituloDe } from "./textos.js";

/**
 * @import { ErrorMensajeria } from "../cliente.js"
 * @import { Grupo, Opcion } from "./menu.js"
 */

const NOMBRE = t("Servitech Mensajería");
const RUTA = /^#\/c\/(.+)$/;
// Antes de que salir limpie la dirección.
const siguiente = siguienteDe(location.href);

// Con el prefijo que lleve: la página está siempre en lo más alto.
const cliente = new ClienteMensajeria({ url: new URL(".", location.href).href, almacen: localStorage });
// La conversación de la que se vuelve: su fila recupera el foco.
/** @type {string | null} */
let previa = null;

ponerIconos();
prepararMenu();
prepararDialogos();
prepararRecorte();
prepararDetalles(cliente);
prepararInformacion(cliente);
prepararPerfil(cliente);
prepararSesiones(cliente);
prepararBanda(cliente);
prepararIngreso(cliente);
prepararImagenes(cliente);
prepararReproductor(cliente);
prepararMedios(cliente);
const lista = new Lista(cliente);
const vista = new VistaConversacion(cliente);
const avisos = new Notificaciones(cliente, { abrir: ir, mirada: () => vista.mirada });
prepararNavegador(cliente, ir);
prepararEscritorio(cliente, { abrir: ir, mirada: () => vista.mirada });
prepararNueva(cliente, ({ _id }) => ir(_id));
prepararPersona(cliente, ({ _id }) => ir(_id));
const rastreo = new Rastreo(cliente, vista, ir);
prepararAtajos(rastreo);
prepararOpciones(cliente, {
  abierta: () => vista.id,
  buscar: (id) => rastreo.abrir(id),
  detalles: abrirDetalles,
});
prepararCajon(cliente, valorConocido);

const titular = porFotograma(() => {
  const atendidas = cliente.conversaciones.filter((c) => !preferenciasDe(c).archivada && !estaSilenciada(c));
  const sinLeer = atendidas.filter((c) => cliente.noLeidos(c._id)).length;
  const abierta = cliente.conversacion(vista.id ?? "");
  const partes = [abierta && sinControles(tituloDe(abierta, cliente.usuarioId)), NOMBRE].filter(Boolean);
  document.title = `${sinLeer ? `(${sinLeer}) ` : ""}${partes.join(" · ")}`;
});

cliente.on("sesion", ({ usuarioId, error, deOtra }) => (usuarioId ? entrar(usuarioId) : salir(error, deOtra)));
cliente.on("conversaciones", alListar);
cliente.on("conversacion", titular);
cliente.on("error", (error) => {
  if (!lista.fallo(error)) avisarError(error);
});
addEventListener("hashchange", enrutar);
document.addEventListener("visibilitychange", decirQueSeVe);
decirQueSeVe();
addEventListener("beforeunload", (evento) => {
  if (cliente.porSalir || vista.porEnviar) evento.preventDefault();
});
porId("abrir-menu").addEventListener("click", () =>
  abrirMenu(porId("abrir-menu"), entradasDeCuenta(), t("Tu cuenta")),
);
porId("notificaciones-ajustes").addEventListener("click", () => {
  porId("panel-notificaciones").hidePopover();
  conAviso(abrirAjustesDeAvisos());
});
porId("sin-nueva").addEventListener("click", () => porId("abrir-nueva").click());
porId("salto").addEventListener("click", (evento) => {
  evento.preventDefault();
  porId(vista.id ? "redactor-texto" : "principal").focus();
});
document.addEventListener("keydown", ({ key }) => {
  const abierto = document.querySelector("dialog[open], [popover]:popover-open");
  if (
    key === "Escape" &&
    !abierto &&
    !porId("cajon").hidden &&
    porId("cajon").contains(document.activeElement)
  )
    alternar(false);
});

/** @param {string} usuarioId */
function entrar(usuarioId) {
  if (siguiente) return location.replace(siguiente);
  abrirBorradores(usuarioId);
  porId("ingreso").hidden = true;
  porId("mensajeria").hidden = false;
  document.documentElement.dataset.arranque = "listo";
  porId("mi-avatar").replaceChildren(avatarDe({ _id: usuarioId, nombre: usuarioId, apellido: "" }));
  // Lo que tenía el foco, si lo tenía algo, ya no está.
  if (!porId("mensajeria").contains(document.activeElement)) porId("inicio").focus();
  enrutar();
}

/**
 * @param {ErrorMensajeria | null} [error]
 * @param {boolean} [deOtra] en otra pestaña, que ya borró lo que había que borrar
 */
function salir(error, deOtra) {
  if (!error && !deOtra) borrarBorradores();
  lista.vaciar();
  avisos.vaciar();
  vista.olvidar();
  vista.abrir(null);
  callarAvisos();
  for (const dialogo of document.querySelectorAll("dialog")) dialogo.close();
  history.replaceState(null, "", location.pathname);
  document.title = NOMBRE;
  mostrarIngreso(error && enPalabras(error));
}

function alListar() {
  if (vista.id === null) vista.sinElegir(!cliente.conversaciones.length);
  titular();
}

function decirQueSeVe() {
  cliente.ponerALaVista(document.visibilityState === "visible", vista.id);
}

/** @param {string} id */
function ir(id) {
  const destino = `#/c/${encodeURIComponent(id)}`;
  if (location.hash === destino) enrutar();
  else location.hash = destino;
}

function enrutar() {
  if (!cliente.usuarioId) return;
  const id = decodificar(RUTA.exec(location.hash)?.[1]);
  lista.abierta(id);
  avisos.abierta(id);
  const mostrada = vista.abrir(id);
  decirQueSeVe();
  mostrada.then(titular);
  rastreo.alAbrir(mostrada);
  titular();
  if (id === null && previa) enfocarFila(previa);
  previa = id;
}

/** @param {string} id */
function enfocarFila(id) {
  /** @type {HTMLElement | null} */
  const fila = document.querySelector(`#lista [data-id="${CSS.escape(id)}"] a`);
  fila?.focus();
}

/** @param {string} [parte] */
function decodificar(parte) {
  try {
    return parte === undefined ? null : decodeURIComponent(parte);
  } catch {
    return null;
  }
}

/** @returns {(Opcion | Grupo)[]} */
function entradasDeCuenta() {
  const elegido = temaElegido();
  const temas = TEMAS.map(({ valor, texto, icono }) => ({
    texto,
    icono,
    marcado: valor === elegido,
    hacer: () => elegirTema(valor),
  }));
  return [
    { grupo: t("Tema"), entradas: temas.map((tema) => ({ ...tema, soloIcono: true })) },
    { texto: t("Tu perfil"), icono: "contacto", hacer: abrirPerfil },
    { texto: t("Tus avisos"), icono: "campana", hacer: () => conAviso(abrirAjustesDeAvisos()) },
    { texto: t("Herramientas de desarrollo"), icono: "codigo", hacer: () => alternar() },
    { texto: t("Sesiones abiertas"), icono: "sistema", hacer: abrirSesiones },
    { texto: t("Cerrar sesión"), icono: "salir", hacer: () => despedirse() },
    {
      texto: t("Cerrar en todos los dispositivos"),
      icono: "salir",
      peligro: true,
      hacer: () => despedirse({ enTodas: true }),
    },
  ];
}

async function abrirAjustesDeAvisos() {
  (await import("./ajustes_de_avisos.js")).abrirAjustesDeAvisos(cliente);
}

/** @param {{enTodas?: boolean}} [opciones] */
function despedirse(opciones) {
  const pregunta = t("Hay mensajes por enviar, y si sales se pierden. ¿Salir de todos modos?");
  if (!cliente.porSalir || confirm(pregunta)) cliente.salir(opciones).catch(avisarError);
}

/**
 * Para los formularios del cajón: lo que está a la vista.
 *
 * @param {string} campo
 */
function valorConocido(campo) {
  const abierta = cliente.conversacion(vista.id ?? "");
  if (campo === "mensajeId" && abierta) return cliente.mensaje(abierta._id, abierta.ultimaSecuencia)?._id;
  return undefined;
}

if (!cliente.conectar()) mostrarIngreso();
