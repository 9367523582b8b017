import { avatarDe } from "./avatar.js";
import { abrirDialogo } from "./dialogos.js";
import { anunciar, mostrarError, porId } from "./dom.js";
import { t } from "./idioma.js";
import { Retrato } from "./retrato.js";
import { enPalabras, nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { PersonaVista } from "../cliente/eventos.js"
 */

/** @type {ClienteMensajeria} */
let cliente;
/** @type {Retrato} */
let retrato;
/** @type {PersonaVista | null} */
let propio = null;

/** El perfil propio, si ya se leyó. */
export const yo = () => propio;

/**
 * Enlaza el diálogo del perfil, y pone el avatar de la cuenta; se llama una vez.
 *
 * @param {ClienteMensajeria} cliente_
 */
export function prepararPerfil(cliente_) {
  cliente = cliente_;
  retrato = new Retrato(porId("perfil-retrato"), {
    redondo: true,
    avatar: () => avatarDe(propio),
    hay: () => Boolean(propio?.avatar_url),
    poner: async (recorte) => guardar(await cliente.gente.ponerAvatar(recorte), t("Foto cambiada")),
    quitar: async () => guardar(await cliente.gente.quitarAvatar(), t("Foto quitada")),
    fallo: (error) => mostrarError(porId("perfil-error"), enPalabras(error)),
  });
  porId("formulario-perfil").addEventListener("submit", async (evento) => {
    evento.preventDefault();
    const { nombre, apellido } = porId("formulario-perfil");
    const campos = { nombre: nombre.value.trim(), apellido: apellido.value.trim() };
    if (!campos.nombre) return mostrarError(porId("perfil-error"), t("Escribe tu nombre."));
    try {
      guardar(await cliente.gente.cambiar(campos), t("Perfil guardado"));
      porId("dialogo-perfil").close();
    } catch (error) {
      mostrarError(porId("perfil-error"), enPalabras(error));
    }
  });
  cliente.on("sesion", ({ usuarioId }) => {
    propio = null;
    if (usuarioId) leer().catch(() => {});
  });
}

async function leer() {
  const quien = cliente.usuarioId;
  const leido = await cliente.gente.yo();
  if (quien === cliente.usuarioId) guardar(leido);
}

/**
 * @param {PersonaVista} perfil
 * @param {string} [hecho] lo que dice un lector de pantalla
 */
function guardar(perfil, hecho) {
  propio = perfil;
  porId("mi-avatar").replaceChildren(avatarDe(perfil));
  const nombre = nombreDe(perfil);
  porId("abrir-menu").setAttribute("aria-label", t("Tu cuenta, {nombre}", { nombre }));
  retrato.pintar();
  if (!hecho) return;
  mostrarError(porId("perfil-error"), null);
  anunciar(hecho);
}

/** Cómo ven los demás a esta persona, y cómo cambiarlo. */
export async function abrirPerfil() {
  mostrarError(porId("perfil-error"), null);
  rellenar();
  abrirDialogo(porId("dialogo-perfil"));
  try {
    await leer();
    rellenar();
  } catch (error) {
    mostrarError(porId("perfil-error"), enPalabras(error));
  }
}

function rellenar() {
  const { nombre, apellido } = porId("formulario-perfil");
  if (nombre === document.activeElement || apellido === document.activeElement) return;
  nombre.value = propio?.nombre ?? "";
  apellido.value = propio?.apellido ?? "";
  porId("perfil-usuario").textContent = `@${(propio?.username || cliente.usuarioId) ?? ""}`;
  retrato.pintar();
}
