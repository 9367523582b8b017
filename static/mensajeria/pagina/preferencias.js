import { avisarError } from "./avisos.js";
import { anunciar } from "./dom.js";
import { t } from "./idioma.js";
import { abrirMenu } from "./menu.js";
import { dia, hora, mismoDia } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Conversacion, Preferencias } from "../cliente/eventos.js"
 * @import { Opcion } from "./menu.js"
 */

const HORA = 3_600_000;
const SIEMPRE = "siempre";

/** @type {Preferencias} */
const NINGUNA = { silenciadaHasta: null, anclada: false, archivada: false };

/**
 * Cómo la quiere tener esta persona.
 *
 * @param {Conversacion} conversacion
 */
export const preferenciasDe = (conversacion) => conversacion.preferencias ?? NINGUNA;

/**
 * Si ahora no ha de sonar ni avisar.
 *
 * @param {Conversacion} conversacion
 */
export function estaSilenciada(conversacion) {
  const { silenciadaHasta } = preferenciasDe(conversacion);
  return silenciadaHasta === SIEMPRE || (silenciadaHasta ? Date.parse(silenciadaHasta) > Date.now() : false);
}

/**
 * Lo que en el menú de una conversación es de cada cual.
 *
 * @param {ClienteMensajeria} cliente
 * @param {Conversacion} conversacion
 * @param {HTMLElement} boton el del menú
 * @returns {Opcion[]}
 */
export function opcionesPropias(cliente, conversacion, boton) {
  const { anclada, archivada } = preferenciasDe(conversacion);
  const poner = (/** @type {Partial<Preferencias>} */ campos, /** @type {string} */ hecho) =>
    preferir(cliente, conversacion._id, campos, hecho);
  return [
    estaSilenciada(conversacion)
      ? {
          texto: t("Quitar el silencio"),
          icono: "campana",
          hacer: () => poner({ silenciadaHasta: null }, t("Ya no está en silencio")),
        }
      : {
          texto: t("Silenciar…"),
          icono: "silencio",
          hacer: () => abrirMenu(boton, silencios(poner), t("Silenciar durante")),
        },
    {
      texto: anclada ? t("Desanclar") : t("Anclar arriba"),
      icono: "fijar",
      hacer: () => poner({ anclada: !anclada }, anclada ? t("Desanclada") : t("Anclada arriba")),
    },
    {
      texto: archivada ? t("Sacar de archivadas") : t("Archivar"),
      icono: "caja",
      hacer: () => poner({ archivada: !archivada }, archivada ? t("Sacada de archivadas") : t("Archivada")),
    },
  ];
}

/**
 * @param {(campos: Partial<Preferencias>, hecho: string) => void} poner
 * @returns {Opcion[]}
 */
function silencios(poner) {
  const hasta = (/** @type {number} */ horas) => new Date(Date.now() + horas * HORA).toISOString();
  const silenciar = (/** @type {string} */ silenciadaHasta) =>
    poner({ silenciadaHasta }, t("En silencio: no sonará ni avisará"));
  return [
    { texto: t("8 horas"), icono: "reloj", hacer: () => silenciar(hasta(8)) },
    { texto: t("Una semana"), icono: "reloj", hacer: () => silenciar(hasta(24 * 7)) },
    { texto: t("Siempre"), icono: "silencio", hacer: () => silenciar(SIEMPRE) },
  ];
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {string} id
 * @param {Partial<Preferencias>} campos
 * @param {string} hecho
 */
async function preferir(cliente, id, campos, hecho) {
  try {
    await cliente.ajustes.preferir(id, campos);
    anunciar(hecho);
  } catch (error) {
    avisarError(error);
  }
}

/**
 * Hasta cuándo, para decirlo; nada si no está en silencio.
 *
 * @param {Conversacion} conversacion
 */
export function hastaCuando(conversacion) {
  const { silenciadaHasta } = preferenciasDe(conversacion);
  if (!silenciadaHasta || !estaSilenciada(conversacion)) return "";
  if (silenciadaHasta === SIEMPRE) return t("En silencio");
  const hoy = mismoDia(silenciadaHasta, new Date().toISOString());
  const cuando = hoy ? hora(silenciadaHasta) : dia(silenciadaHasta);
  return t("En silencio hasta: {cuando}", { cuando });
}
