import { avatarDe, avatarDeConversacion } from "./avatar.js";
import { el, oculto } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { conMarcas } from "./marcas.js";
import { aislado, cuando, fechaEntera, nombreDe, resumen, tituloDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Hallado, Mensaje } from "../cliente/eventos.js"
 * @import { Icono } from "./iconos.js"
 */

/** @type {Partial<Record<Mensaje["contenido"]["tipo"], Icono>>} */
const DIBUJOS = {
  archivo: "archivo",
  audio: "audio",
  imagen: "imagen",
  video: "video",
  ubicacion: "ubicacion",
  contacto: "contacto",
};

/**
 * Un mensaje hallado: dónde, de quién, cuándo y qué dice, con lo que coincide marcado.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Hallado} hallazgo
 * @param {{dentro: boolean, activo: boolean, abrir: () => void}} opciones con `dentro`, se sabe dónde
 */
export function resultado(cliente, { mensaje, fragmento }, { dentro, activo, abrir }) {
  const conversacion = cliente.conversacion(mensaje.conversacion);
  const yo = cliente.usuarioId;
  const propio = mensaje.remitente?._id === yo;
  const autor = propio ? t("Tú") : nombreDe(mensaje.remitente);
  const titulo = dentro || !conversacion ? autor : tituloDe(conversacion, yo);
  const avatar =
    dentro || !conversacion ? avatarDe(mensaje.remitente) : avatarDeConversacion(conversacion, yo);
  const deGrupo = conversacion && conversacion.tipo !== "individual";
  const quien = !dentro && conversacion && (deGrupo || propio) && el("bdi", { texto: `${autor}: ` });
  const dibujo = DIBUJOS[mensaje.contenido.tipo];
  const dicho = fragmento.texto.trim() ? conMarcas(fragmento) : [resumen(mensaje)];
  const boton = el(
    "button.resultado",
    { type: "button", "aria-current": activo && "true", click: abrir },
    avatar,
    el(
      "span.fila-cuerpo",
      {},
      el(
        "span.fila-cabeza",
        {},
        el("bdi.fila-titulo", { texto: titulo }),
        el("time.fila-hora", {
          datetime: mensaje.fechaEnvio,
          title: fechaEntera(mensaje.fechaEnvio),
          texto: cuando(mensaje.fechaEnvio),
        }),
      ),
      el(
        "span.resultado-dicho",
        {},
        quien,
        dibujo && icono(dibujo),
        el("span.resultado-fragmento", { dir: "auto" }, ...dicho),
      ),
      !dentro && conversacion && oculto(t("Escrito por {nombre}", { nombre: aislado(autor) })),
    ),
  );
  return el("li", {}, boton);
}
