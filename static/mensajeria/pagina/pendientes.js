import { el, oculto, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { hora } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Envio } from "../cliente/tipos.js"
 */

/**
 * Los mensajes propios que aún no están en el historial, tras el último.
 *
 * @param {ClienteMensajeria} cliente
 * @param {string} id
 */
export function pintarPendientes(cliente, id) {
  const lista = porId("pendientes");
  const envios = cliente.pendientes(id);
  lista.hidden = !envios.length;
  lista.replaceChildren(...envios.map((envio) => filaDe(cliente, envio)));
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {Envio} envio
 */
function filaDe(cliente, envio) {
  const fallido = envio.estado === "fallido";
  const burbuja = el(
    "div.burbuja",
    {},
    oculto("Tú: "),
    el("p.texto", { dir: "auto", texto: envio.datos.contenido.texto }),
    pie(envio, fallido),
  );
  const columna = el("div.mensaje-columna", {}, burbuja);
  if (fallido) columna.append(fallo(cliente, envio));
  else if (envio.error)
    columna.append(
      el("p.envio-nota.suave", { texto: `${envio.error.message}. Se enviará en cuanto se pueda.` }),
    );
  return el(`li.fila.propia.por-enviar${fallido ? ".fallida" : ""}`, {}, el("div.mensaje", {}, columna));
}

/**
 * @param {Envio} envio
 * @param {boolean} fallido
 */
function pie(envio, fallido) {
  const texto = fallido ? "No se envió" : "Por enviar";
  return el(
    "p.pie",
    {},
    el("time", { datetime: envio.creado, texto: hora(envio.creado) }),
    icono(fallido ? "alerta" : "reloj"),
    oculto(texto),
  );
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {Envio} envio
 */
function fallo(cliente, { idCliente, error }) {
  return el(
    "p.envio-nota.fallo",
    {},
    el("span", { texto: `No se envió: ${error?.message}.` }),
    el("button.boton-texto", {
      type: "button",
      texto: "Reintentar",
      click: () => cliente.reenviar(idCliente),
    }),
    el("button.boton-texto", {
      type: "button",
      texto: "Descartar",
      click: () => cliente.descartar(idCliente),
    }),
  );
}
