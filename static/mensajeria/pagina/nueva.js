import { ErrorMensajeria } from "../cliente.js";
import { abrirDialogo } from "./dialogos.js";
import { el, mostrarError, porId } from "./dom.js";
import { t } from "./idioma.js";
import { enPalabras, nombreDe } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion } from "../cliente/eventos.js"
 * @import { NuevaConversacion } from "../cliente/tipos.js"
 * @import { Elementos } from "./dom.js"
 *
 * @typedef {Elementos["formulario-nueva"]} Formulario
 */

/**
 * El diálogo de nueva conversación.
 *
 * @param {ClienteMensajeria} cliente
 * @param {(conversacion: Conversacion) => void} alCrear
 */
export function prepararNueva(cliente, alCrear) {
  const formulario = porId("formulario-nueva");
  const dialogo = porId("dialogo-nueva");
  porId("abrir-nueva").addEventListener("click", () => {
    formulario.reset();
    mostrarError(porId("nueva-error"), null);
    alElegirTipo(formulario);
    abrirDialogo(dialogo);
    porId("nueva-personas").focus();
  });
  formulario.addEventListener("change", () => alElegirTipo(formulario));
  formulario.addEventListener("submit", async (evento) => {
    evento.preventDefault();
    const conversacion = await crear(cliente, formulario);
    if (!conversacion) return;
    dialogo.close();
    alCrear(conversacion);
  });
  cliente.on("conversaciones", ({ conversaciones }) => conocidas(conversaciones, cliente.usuarioId));
}

/** @param {Formulario} formulario */
function alElegirTipo(formulario) {
  const individual = formulario.tipo.value === "individual";
  porId("nueva-nombre-campo").hidden = individual;
  porId("nueva-ayuda").textContent = individual
    ? t("El identificador de la persona.")
    : t("Los identificadores de las personas, separados por comas.");
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {Formulario} formulario
 */
async function crear(cliente, formulario) {
  const tipo = /** @type {Conversacion["tipo"]} */ (formulario.tipo.value);
  const ids = [...new Set(formulario.personas.value.split(/[\s,;]+/).filter(Boolean))];
  if (!ids.length) return fallar(t("Di con quién quieres hablar."));
  if (tipo === "individual" && ids.length > 1)
    return fallar(t("Una conversación individual es con una sola persona."));
  /** @type {NuevaConversacion} */
  const cuerpo = { tipo, participantes: ids.map((usuarioId) => ({ usuarioId })) };
  const nombrePersonalizado = formulario.nombre.value.trim();
  if (tipo !== "individual" && nombrePersonalizado) cuerpo.configuracion = { nombrePersonalizado };
  try {
    return await cliente.crearConversacion(cuerpo);
  } catch (error) {
    return fallar(
      error instanceof ErrorMensajeria && error.code === "NOT_FOUND"
        ? t("Alguna de esas personas no existe. Revisa los identificadores.")
        : enPalabras(error),
    );
  }
}

/** @param {string} texto */
function fallar(texto) {
  mostrarError(porId("nueva-error"), texto);
  porId("nueva-personas").focus();
  return null;
}

/**
 * @param {Conversacion[]} conversaciones
 * @param {string | null} yo
 */
function conocidas(conversaciones, yo) {
  const personas = new Map(
    conversaciones.flatMap((c) => c.participantes).map((p) => [p.usuario._id, p.usuario]),
  );
  personas.delete(yo ?? "");
  porId("personas-conocidas").replaceChildren(
    ...[...personas.values()].map((p) => el("option", { value: p._id, texto: nombreDe(p) })),
  );
}
