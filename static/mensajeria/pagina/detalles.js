import { avatarDe } from "./avatar.js";
import { abrirDialogo } from "./dialogos.js";
import { el, mostrarError, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { REGION, t } from "./idioma.js";
import { esNumerosa, personasDe } from "./personas.js";
import { enPalabras, fechaEntera, nombreDe, ROLES, TIPOS, tituloDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje, Participante } from "../cliente/eventos.js"
 *
 * @typedef {{participantes: Participante[], siguiente: string | null}} Leidos
 */

/** @type {ClienteMensajeria} */
let cliente;
let abierta = "";
/** @type {Leidos | null} de una numerosa, las páginas de participantes que se han leído */
let leidos = null;

/**
 * @param {string} termino
 * @param {string} valor
 */
const dato = (termino, valor) =>
  el("div", {}, el("dt", { texto: termino }), el("dd", { texto: valor, dir: "auto" }));

/**
 * Enlaza los diálogos de detalles; se llama una vez.
 *
 * @param {ClienteMensajeria} cliente_
 */
export function prepararDetalles(cliente_) {
  cliente = cliente_;
  cliente.on("conversacion", ({ conversacion }) => {
    if (conversacion._id === abierta && porId("dialogo-detalles").open) pintar();
  });
  porId("detalles-agregar").addEventListener("submit", (evento) => {
    evento.preventDefault();
    const campo = porId("detalles-usuario");
    intentar(cliente.agregarParticipante(abierta, campo.value.trim())).then((bien) => {
      if (bien) campo.value = "";
      leerOtraVez();
    });
  });
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

/**
 * Quién participa y qué es la conversación.
 *
 * @param {string} id
 */
export function abrirDetalles(id) {
  abierta = id;
  mostrarError(porId("detalles-error"), null);
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
  const datos = [
    dato(t("Nombre"), tituloDe(conversacion, cliente.usuarioId)),
    dato(t("Tipo"), TIPOS[conversacion.tipo]),
    dato(t("Código"), conversacion.codigoConversacion),
    dato(t("Creada"), fechaEntera(conversacion.fechaCreacion)),
    dato(t("Mensajes"), conversacion.ultimaSecuencia.toLocaleString(REGION)),
  ];
  if (esNumerosa(conversacion)) datos.push(dato(t("Participantes"), `${conversacion.totalParticipantes}`));
  if (conversacion.configuracion.descripcion)
    datos.push(dato(t("Descripción"), conversacion.configuracion.descripcion));
  porId("detalles-datos").replaceChildren(...datos);
  const { participantes } = (esNumerosa(conversacion) && leidos) || conversacion;
  const activos = participantes.filter((p) => p.activo);
  porId("detalles-participantes").replaceChildren(...activos.map((p) => persona(p, modera)));
  porId("detalles-mas").hidden = !(esNumerosa(conversacion) && leidos?.siguiente);
  porId("detalles-agregar").hidden = !modera;
  porId("detalles-pie").hidden = conversacion.tipo === "individual";
}

/**
 * @param {Participante} p
 * @param {boolean} modera
 */
function persona(p, modera) {
  const soyYo = p.usuario._id === cliente.usuarioId;
  const estado = `${ROLES[p.rol]} · ${p.enLinea || soyYo ? t("En línea") : t("Desconectado")}`;
  const nombre = el(
    "span.persona-nombre",
    {},
    el("bdi", { texto: nombreDe(p.usuario) }),
    soyYo && ` ${t("(tú)")}`,
  );
  const fila = el(
    "li",
    {},
    avatarDe(p.usuario),
    el("span.persona-cuerpo", {}, nombre, el("span.suave", { texto: estado })),
  );
  if (modera && !soyYo) {
    const quitar = () => intentar(cliente.quitarParticipante(abierta, p.usuario._id)).then(leerOtraVez);
    fila.append(
      el(
        "button.boton-icono",
        {
          type: "button",
          "aria-label": t("Quitar a {nombre}", { nombre: nombreDe(p.usuario) }),
          click: quitar,
        },
        icono("cerrar"),
      ),
    );
  }
  return fila;
}

/**
 * Cuándo se envió un mensaje, quién lo leyó y qué decía antes.
 *
 * @param {Conversacion} conversacion
 * @param {Mensaje} mensaje
 */
export async function abrirMensaje(conversacion, mensaje) {
  const cuerpo = porId("mensaje-cuerpo");
  cuerpo.replaceChildren(el("p.vacio.suave", { texto: t("Cargando…") }));
  abrirDialogo(porId("dialogo-mensaje"));
  try {
    cuerpo.replaceChildren(...partesDe(await cliente.leerMensaje(mensaje._id), conversacion));
  } catch (error) {
    cuerpo.replaceChildren(el("p.error-caja", { role: "alert", texto: enPalabras(error) }));
  }
}

/**
 * @param {Mensaje} mensaje
 * @param {Conversacion} conversacion
 */
function partesDe(mensaje, conversacion) {
  const personas = personasDe(cliente, conversacion);
  const datos = [
    dato(t("De"), nombreDe(mensaje.remitente)),
    dato(t("Enviado"), fechaEntera(mensaje.fechaEnvio)),
  ];
  if (mensaje.fechaEntrega) datos.push(dato(t("Entregado a todos"), fechaEntera(mensaje.fechaEntrega)));
  datos.push(
    dato(t("Número"), mensaje.secuencia.toLocaleString(REGION)),
    dato(t("Identificador"), mensaje._id),
  );
  /** @type {HTMLElement[]} */
  const partes = [el("dl.datos", {}, ...datos), el("h3", { texto: t("Leído por") })];
  const lecturas = mensaje.lecturas.map(({ usuario, fechaLectura }) =>
    el(
      "li",
      {},
      avatarDe(personas.get(usuario)),
      el(
        "span.persona-cuerpo",
        {},
        el("bdi.persona-nombre", { texto: nombreDe(personas.get(usuario)) }),
        el("span.suave", { texto: fechaEntera(fechaLectura) }),
      ),
    ),
  );
  partes.push(
    lecturas.length ? el("ul.personas", {}, ...lecturas) : el("p.suave", { texto: t("Nadie todavía.") }),
  );
  const { historial } = mensaje.editado;
  if (historial.length)
    partes.push(
      el("h3", { texto: t("Antes decía") }),
      el(
        "ol.versiones",
        {},
        ...historial.map((v) =>
          el(
            "li",
            {},
            el("p", { dir: "auto", texto: v.texto }),
            el("span.suave", { texto: fechaEntera(v.fecha) }),
          ),
        ),
      ),
    );
  return partes;
}
