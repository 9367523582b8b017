import { t } from "./idioma.js";
import { fechaEntera, hora, mismoDia } from "./textos.js";

const UN_MOMENTO = 60_000;
const UN_DIA = 86_400_000;

/**
 * Si alguien está, o cuándo estuvo.
 *
 * @param {{enLinea: boolean, ultimaConexion: string | null}} persona
 */
export function presenciaDe({ enLinea, ultimaConexion }) {
  if (enLinea) return t("En línea");
  return ultimaConexion ? ultimaVez(ultimaConexion) : t("Desconectado");
}

/** @param {string} iso */
function ultimaVez(iso) {
  const ahora = Date.now();
  const ayer = new Date(ahora - UN_DIA).toISOString();
  if (ahora - Date.parse(iso) < UN_MOMENTO) return t("Última vez hace un momento");
  if (mismoDia(iso, new Date(ahora).toISOString()))
    return t("Última vez hoy a las {hora}", { hora: hora(iso) });
  if (mismoDia(iso, ayer)) return t("Última vez ayer a las {hora}", { hora: hora(iso) });
  return t("Última vez: {fecha}", { fecha: fechaEntera(iso) });
}
