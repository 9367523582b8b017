import { avatarDe } from "./avatar.js";
import { abrirDialogo } from "./dialogos.js";
import { el, mostrarError, porId } from "./dom.js";
import { t } from "./idioma.js";
import { enPalabras, nombreDe } from "./textos.js";
import { presenciaDe } from "./ultima_vez.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Persona, PersonaVista } from "../cliente/eventos.js"
 */

/** @type {ClienteMensajeria} */
let cliente;
let abierta = "";

/**
 * Enlaza la ficha de una persona; se llama una vez.
 *
 * @param {ClienteMensajeria} cliente_
 * @param {(conversacion: Conversacion) => void} alEscribirle
 */
export function prepararPersona(cliente_, alEscribirle) {
  cliente = cliente_;
  porId("persona-escribir").addEventListener("click", async () => {
    try {
      const participantes = [{ usuarioId: abierta }];
      const conversacion = await cliente.crearConversacion({ tipo: "individual", participantes });
      for (const id of ["dialogo-persona", "dialogo-detalles", "dialogo-mensaje"])
        /** @type {HTMLDialogElement} */ (porId(id)).close();
      alEscribirle(conversacion);
    } catch (error) {
      mostrarError(porId("persona-error"), enPalabras(error));
    }
  });
}

/**
 * Quién es alguien: lo que ya se sabe, y lo que diga el servidor.
 *
 * @param {Persona} persona
 * @param {{enLinea: boolean, ultimaConexion: string | null}} [presencia]
 */
export async function abrirPersona(persona, presencia) {
  abierta = persona._id;
  mostrarError(porId("persona-error"), null);
  porId("persona-escribir").hidden = true;
  pintar(persona, presencia ? presenciaDe(presencia) : "");
  abrirDialogo(porId("dialogo-persona"));
  try {
    const vista = await cliente.gente.ver(persona._id);
    if (abierta !== persona._id) return;
    pintar(vista, presenciaDe(vista));
    porId("persona-escribir").hidden = false;
  } catch (error) {
    if (abierta === persona._id) mostrarError(porId("persona-error"), enPalabras(error));
  }
}

/**
 * @param {Persona & Partial<PersonaVista>} persona
 * @param {string} presencia
 */
function pintar(persona, presencia) {
  porId("persona-avatar").replaceChildren(avatarDe(persona));
  porId("persona-titulo").replaceChildren(el("bdi", { texto: nombreDe(persona) }));
  porId("persona-datos").replaceChildren(
    el("p.suave", { dir: "auto", texto: persona.username ? `@${persona.username}` : "" }),
    persona.esExperto ? el("p.distintivo", { texto: t("Experto") }) : "",
    el(`p${persona.enLinea ? ".presente" : ".suave"}`, { texto: presencia }),
  );
}
