import { t } from "./idioma.js";

/**
 * @import { Estado } from "./navegador.js"
 *
 * @typedef {"aplicacion" | "webpush" | "fcm" | "correo"} Canal
 */

/** @type {Canal[]} */
export const CANALES = ["aplicacion", "webpush", "fcm", "correo"];
/** @type {Record<Canal, string>} */
export const NOMBRES = {
  aplicacion: t("En la aplicación"),
  webpush: t("En los navegadores"),
  fcm: t("En los teléfonos"),
  correo: t("Por correo"),
};
export const CLASES = /** @type {const} */ ({
  mensajes: t("Mensajes"),
  menciones: t("Cuando te nombran con @"),
  conversaciones: t("Cuando te suman o te quitan"),
  recordatorios: t("Lo que sigue sin leer"),
  resumenes: t("El resumen de cada hora"),
});
export const CUANDO = {
  siempre: t("Siempre"),
  fuera_de_horas: t("Fuera de las horas tranquilas"),
  nunca: t("Nunca"),
};
export const MUESTRA = {
  todo: t("Quién escribe y qué dice"),
  quien: t("Solo quién escribe"),
  nada: t("Solo que hay un mensaje"),
};
export const CADA = { 15: t("15 minutos"), 60: t("1 hora"), 240: t("4 horas"), 720: t("12 horas"), 1440: t("1 día") };

/** @type {Record<Estado, [string, string]>} lo que pasa, y qué se puede hacer */
export const ESTADOS = {
  "no-sabe": [
    t("Este navegador no sabe avisar"),
    t("En un iPhone o un iPad, añade antes la página a la pantalla de inicio y ábrela desde ahí."),
  ],
  "sin-pedir": [
    t("Aquí no se te avisa"),
    t("Actívalo para enterarte aunque no tengas la página delante. El navegador te pedirá permiso."),
  ],
  denegado: [
    t("El navegador tiene bloqueados los avisos"),
    t("Pulsa el icono que hay junto a la dirección de la página, permite las notificaciones y vuelve aquí."),
  ],
  apagado: [t("Aquí no se te avisa"), t("Actívalo para enterarte aunque no tengas la página delante.")],
  activo: [t("Aquí se te avisa"), ""],
  retirado: [
    t("Se retiró el permiso a los avisos"),
    t("Los tenías activados. Vuelve a permitir las notificaciones junto a la dirección de la página."),
  ],
};
