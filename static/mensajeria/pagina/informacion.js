import { avatarDe } from "./avatar.js";
import { abrirDialogo } from "./dialogos.js";
import { el, porId } from "./dom.js";
import { REGION, t, tn } from "./idioma.js";
import { personasDe } from "./personas.js";
import { enPalabras, fechaEntera, nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Mensaje, ReciboDePersona, RecibosDeMensaje } from "../cliente/eventos.js"
 */

// Que lo reciba uno, sin ser el último de todos, no se avisa: con la información a la vista, se mira.
const REPASO = 3_000;

/** @type {ClienteMensajeria} */
let cliente;
let abierto = "";

/** @param {ClienteMensajeria} cliente_ */
export function prepararInformacion(cliente_) {
  cliente = cliente_;
  // Con la información a la vista, quien lo lee aparece.
  cliente.on("conversacion", ({ conversacion }) => {
    if (porId("dialogo-mensaje").open && abierto.startsWith(`${conversacion._id} `)) releer?.();
  });
}

/** @type {(() => void) | null} */
let releer = null;

/**
 * @param {string} termino
 * @param {string} valor
 */
export const dato = (termino, valor) =>
  el("div", {}, el("dt", { texto: termino }), el("dd", { texto: valor, dir: "auto" }));

/**
 * Cuándo se envió un mensaje, quién lo recibió y lo leyó, y qué decía antes.
 *
 * @param {Conversacion} conversacion
 * @param {Mensaje} mensaje
 */
export async function abrirMensaje(conversacion, mensaje) {
  const cuerpo = porId("mensaje-cuerpo");
  const clave = `${conversacion._id} ${mensaje._id}`;
  abierto = clave;
  let visto = "";
  cuerpo.replaceChildren(el("p.vacio.suave", { texto: t("Cargando…") }));
  abrirDialogo(porId("dialogo-mensaje"));
  const leer = async () => {
    try {
      const [entero, recibos] = await Promise.all([
        cliente.leerMensaje(mensaje._id),
        cliente.recibosDe(mensaje._id),
      ]);
      if (abierto !== clave) return;
      const leido = JSON.stringify([entero, recibos]);
      if (leido !== visto) cuerpo.replaceChildren(...partesDe(entero, recibos, conversacion));
      visto = leido;
      if (recibos.recibido.length < conversacion.totalParticipantes - 1) repasar(clave);
    } catch (error) {
      if (abierto !== clave) return;
      visto = "";
      cuerpo.replaceChildren(el("p.error-caja", { role: "alert", texto: enPalabras(error) }));
    }
  };
  releer = juntando(leer);
  await leer();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let reloj;

/** @param {string} clave */
function repasar(clave) {
  clearTimeout(reloj);
  reloj = setTimeout(() => {
    if (abierto !== clave || !porId("dialogo-mensaje").open) return;
    if (document.hidden) repasar(clave);
    else releer?.();
  }, REPASO);
}

/**
 * Lo que se pide mientras se hace, una vez más al acabar.
 *
 * @param {() => Promise<void>} hacer
 */
function juntando(hacer) {
  let [haciendo, otra] = [false, false];
  return async () => {
    otra = true;
    if (haciendo) return;
    haciendo = true;
    while (otra) {
      otra = false;
      await hacer();
    }
    haciendo = false;
  };
}

/**
 * @param {Mensaje} mensaje
 * @param {RecibosDeMensaje} recibos
 * @param {Conversacion} conversacion
 */
function partesDe(mensaje, recibos, conversacion) {
  const datos = [
    dato(t("De"), nombreDe(mensaje.remitente)),
    dato(t("Enviado"), fechaEntera(mensaje.fechaEnvio)),
  ];
  if (mensaje.fechaEntrega) datos.push(dato(t("Entregado a todos"), fechaEntera(mensaje.fechaEntrega)));
  datos.push(
    dato(t("Número"), mensaje.secuencia.toLocaleString(REGION)),
    dato(t("Identificador"), mensaje._id),
  );
  const { historial } = mensaje.editado;
  const leyeron = new Set(recibos.leido.map(({ usuario }) => usuario._id));
  const soloRecibido = recibos.recibido.filter(({ usuario }) => !leyeron.has(usuario._id));
  return [
    el("dl.datos", {}, ...datos),
    ...lista(t("Leído por"), recibos.leido, t("Nadie todavía."), conversacion),
    ...(soloRecibido.length ? lista(t("Recibido por"), soloRecibido, "", conversacion) : []),
    ...(historial.length ? versiones(historial) : []),
  ];
}

/**
 * @param {string} titulo
 * @param {ReciboDePersona[]} recibos
 * @param {string} ninguno
 * @param {Conversacion} conversacion
 */
function lista(titulo, recibos, ninguno, conversacion) {
  const personas = personasDe(cliente, conversacion);
  const fila = (/** @type {ReciboDePersona} */ { usuario, fecha }) => {
    const persona = personas.get(usuario._id) ?? usuario;
    return el(
      "li",
      {},
      avatarDe(persona),
      el(
        "span.persona-cuerpo",
        {},
        el("bdi.persona-nombre", { texto: nombreDe(persona) }),
        el("time.suave", { datetime: fecha, texto: fechaEntera(fecha) }),
      ),
    );
  };
  const cuenta = recibos.length
    ? el("span.suave", { texto: tn(recibos.length, "{n} persona", "{n} personas") })
    : "";
  return [
    el("h3.con-cuenta", {}, el("span", { texto: titulo }), cuenta),
    recibos.length ? el("ul.personas", {}, ...recibos.map(fila)) : el("p.suave", { texto: ninguno }),
  ];
}

/** @param {Mensaje["editado"]["historial"]} historial */
function versiones(historial) {
  const version = (/** @type {Mensaje["editado"]["historial"][number]} */ { texto, fecha }) =>
    el("li", {}, el("p", { dir: "auto", texto }), el("span.suave", { texto: fechaEntera(fecha) }));
  return [el("h3", { texto: t("Antes decía") }), el("ol.versiones", {}, ...historial.map(version))];
}
