import { porId } from "./dom.js";
import { t } from "./idioma.js";
import { enPalabras, sinPunto } from "./textos.js";

/** @import { ClienteMensajeria, ErrorMensajeria } from "../cliente.js" */

// Una caída breve se arregla sola antes de que valga la pena decirla.
const PACIENCIA = 1_200;

/**
 * La banda que dice que no hay conexión, y cuándo se vuelve a intentar.
 *
 * @param {ClienteMensajeria} cliente
 */
export function prepararBanda(cliente) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let paciencia;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let cuenta;
  porId("banda-reintentar").addEventListener("click", () => cliente.reintentar());
  cliente.on("estado", ({ estado, espera = 0, error }) => {
    clearInterval(cuenta);
    if (estado === "lista" || estado === "apagada") {
      clearTimeout(paciencia);
      paciencia = undefined;
      porId("banda").hidden = true;
      return;
    }
    paciencia ??= setTimeout(() => (porId("banda").hidden = false), PACIENCIA);
    if (estado === "conectando") return decir(t("Conectando…"), "", false);
    const hasta = Date.now() + espera;
    const contar = () =>
      decir(
        `${motivoDe(error)}.`,
        t("Reintento en {n} s.", { n: Math.max(1, Math.ceil((hasta - Date.now()) / 1000)) }),
        true,
      );
    contar();
    cuenta = setInterval(contar, 1_000);
  });
}

/** @param {ErrorMensajeria} [error] */
function motivoDe(error) {
  if (error?.code === "RATE_LIMITED") return sinPunto(enPalabras(error));
  return navigator.onLine ? t("Sin conexión con el servidor") : t("Sin conexión a la red");
}

/**
 * La cuenta cambia cada segundo: se ve, pero no se anuncia.
 *
 * @param {string} texto
 * @param {string} cuenta
 * @param {boolean} conBoton
 */
function decir(texto, cuenta, conBoton) {
  if (porId("banda-texto").textContent !== texto) porId("banda-texto").textContent = texto;
  porId("banda-cuenta").textContent = cuenta;
  porId("banda-reintentar").hidden = !conBoton;
}
