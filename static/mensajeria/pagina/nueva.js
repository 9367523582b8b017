import { ErrorMensajeria } from "../cliente.js";
import { conAviso } from "./avisos.js";
import { abrirDialogo } from "./dialogos.js";
import { el, mostrarError, porId } from "./dom.js";
import { icono } from "./iconos.js";
import { t } from "./idioma.js";
import { yo } from "./perfil.js";
import { Retrato } from "./retrato.js";
import { Selector } from "./selector.js";
import { decirSinNadie } from "./sin_nadie.js";
import { enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion } from "../cliente/eventos.js"
 * @import { NuevaConversacion } from "../cliente/tipos.js"
 */

/** @type {ClienteMensajeria} */
let cliente;
/** @type {Selector} */
let selector;
/** @type {Retrato} */
let retrato;
/** @type {Blob | null} el del grupo, que se pone al crearlo */
let foto = null;

/**
 * El diálogo de nueva conversación.
 *
 * @param {ClienteMensajeria} cliente_
 * @param {(conversacion: Conversacion) => void} alCrear
 */
export function prepararNueva(cliente_, alCrear) {
  cliente = cliente_;
  const formulario = porId("formulario-nueva");
  selector = new Selector(porId("nueva-personas"), cliente, {
    etiqueta: t("Con quién"),
    alCambiar: () => mostrarError(porId("nueva-error"), null),
    sinNadie: (hueco) => decirSinNadie(hueco, (yo()?.username || cliente.usuarioId) ?? ""),
  });
  retrato = new Retrato(porId("nueva-retrato"), deGrupo());
  porId("abrir-nueva").addEventListener("click", () => abrir());
  formulario.addEventListener("change", alElegirTipo);
  formulario.addEventListener("submit", async (evento) => {
    evento.preventDefault();
    const conversacion = await crear();
    if (!conversacion) return;
    porId("dialogo-nueva").close();
    alCrear(conversacion);
  });
}

function abrir() {
  porId("formulario-nueva").reset();
  mostrarError(porId("nueva-error"), null);
  foto = null;
  retrato.pintar();
  selector.abrir([cliente.usuarioId ?? ""]);
  alElegirTipo();
  abrirDialogo(porId("dialogo-nueva"));
  selector.enfocar();
}

function deGrupo() {
  return {
    redondo: false,
    hay: () => foto !== null,
    avatar: () => (foto ? lienzoDe(foto) : el("span.avatar.grupo.tono-0", {}, icono("globos"))),
    poner: async (/** @type {Blob} */ recorte) => void (foto = recorte),
    quitar: async () => void (foto = null),
    fallo: (/** @type {unknown} */ error) => mostrarError(porId("nueva-error"), enPalabras(error)),
  };
}

/**
 * La política de la página no deja enseñar un `blob:`.
 *
 * @param {Blob} blob
 */
function lienzoDe(blob) {
  const lienzo = el("canvas.avatar.grupo", { width: 192, height: 192 });
  createImageBitmap(blob).then((mapa) => lienzo.getContext("2d")?.drawImage(mapa, 0, 0, 192, 192));
  return lienzo;
}

const tipoElegido = () => /** @type {Conversacion["tipo"]} */ (porId("formulario-nueva").tipo.value);

function alElegirTipo() {
  const individual = tipoElegido() === "individual";
  porId("nueva-grupo").hidden = individual;
  selector.varias = !individual;
  selector.ajustar();
}

async function crear() {
  const tipo = tipoElegido();
  const participantes = selector.elegidas.map(({ _id }) => ({ usuarioId: _id }));
  if (!participantes.length) return fallar(t("Elige con quién quieres hablar."));
  /** @type {NuevaConversacion} */
  const cuerpo = { tipo, participantes };
  const nombrePersonalizado = porId("formulario-nueva").nombre.value.trim();
  if (tipo !== "individual" && nombrePersonalizado) cuerpo.configuracion = { nombrePersonalizado };
  try {
    const conversacion = await cliente.crearConversacion(cuerpo);
    if (foto && tipo !== "individual") await conAviso(cliente.ajustes.ponerAvatar(conversacion._id, foto));
    return conversacion;
  } catch (error) {
    const falta = error instanceof ErrorMensajeria && error.code === "NOT_FOUND";
    return fallar(falta ? t("A alguna de esas personas ya no puedes escribirle.") : enPalabras(error));
  }
}

/** @param {string} texto */
function fallar(texto) {
  mostrarError(porId("nueva-error"), texto);
  selector.enfocar();
  return null;
}
