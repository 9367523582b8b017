import { t, tn } from "./idioma.js";
import { aislado } from "./textos.js";

/** @import { Notificacion } from "../cliente/eventos.js" */

/**
 * Lo que dice una notificación, en el idioma de la página; de las que aquí no se conocen, o vienen sin
 * sus datos, lo que escribió el servidor.
 *
 * @param {Pick<Notificacion, "tipo" | "datos" | "titulo" | "mensaje">} notificacion
 * @returns {{titulo: string, mensaje: string}}
 */
export function loQueDice({ tipo, datos, titulo, mensaje }) {
  const { tipoConversacion, nombre, quien } = datos;
  if (tipo === "mensaje_nuevo" && quien !== undefined) return deMensaje(datos);
  if (tipo === "prueba") return { titulo, mensaje: t("Los avisos llegan a esta página") };
  if (!tipoConversacion) return { titulo, mensaje };
  const enGrupo = nombre ? t("«{nombre}»", { nombre: aislado(String(nombre)) }) : t("una conversación");
  const frase = { quien: aislado(String(quien)), conversacion: enGrupo };
  if (tipo === "participante_agregado")
    return { titulo: t("Nueva conversación"), mensaje: agregado(frase, tipoConversacion, Boolean(quien)) };
  if (tipo === "participante_removido")
    return {
      titulo: t("Ya no participas"),
      mensaje: quien
        ? t("{quien} te quitó de {conversacion}", frase)
        : t("Te han quitado de {conversacion}", frase),
    };
  return { titulo, mensaje };
}

/**
 * @param {{quien: string, conversacion: string}} frase
 * @param {unknown} tipoConversacion
 * @param {boolean} conQuien
 */
function agregado(frase, tipoConversacion, conQuien) {
  if (!conQuien) return t("Te han agregado a {conversacion}", frase);
  if (tipoConversacion === "individual") return t("{quien} te escribió", frase);
  return t("{quien} te agregó a {conversacion}", frase);
}

/**
 * Según lo que la persona quiere que enseñe la aplicación: sin `quien`, ni eso; sin `texto`, no qué dice.
 *
 * @param {Notificacion["datos"]} datos
 */
function deMensaje({ quien, nombre, texto, cuantos, mencion }) {
  const n = Number(cuantos);
  if (!quien) return { titulo: t("Mensajería"), mensaje: tn(n, "Tienes {n} mensaje", "Tienes {n} mensajes") };
  const partes = { quien: aislado(String(quien)), nombre: aislado(String(nombre)) };
  const titulo = nombre ? t("{quien} en «{nombre}»", partes) : partes.quien;
  if (texto) return { titulo, mensaje: n < 2 ? String(texto) : t("{texto} ({n} sin leer)", { texto: String(texto), n }) };
  if (mencion) return { titulo, mensaje: t("Te mencionó") };
  return { titulo, mensaje: n < 2 ? t("Te escribió") : t("Hay {n} mensajes sin leer", { n }) };
}
