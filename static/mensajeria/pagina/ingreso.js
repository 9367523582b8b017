import { ErrorMensajeria } from "../cliente.js";
import { mostrarError, porId } from "./dom.js";
import { t } from "./idioma.js";
import { enPalabras } from "./textos.js";

/**
 * @import { ClienteMensajeria } from "../cliente.js"
 * @import { Elementos } from "./dom.js"
 */

/**
 * La entrada: pide usuario y clave, y dice por qué no se pudo.
 *
 * @param {ClienteMensajeria} cliente
 */
export function prepararIngreso(cliente) {
  const formulario = porId("formulario-ingreso");
  formulario.addEventListener("submit", (evento) => {
    evento.preventDefault();
    ingresar(cliente, formulario);
  });
  for (const boton of formulario.querySelectorAll("[data-cuenta]")) {
    boton.addEventListener("click", () => {
      formulario.username.value = boton.getAttribute("data-cuenta") ?? "";
      formulario.password.value = "demo";
      formulario.requestSubmit();
    });
  }
  porId("ingresar").removeAttribute("disabled");
  prepararVerClave(formulario.password);
}

/** @param {HTMLInputElement} campo */
function prepararVerClave(campo) {
  const boton = porId("ver-clave");
  boton.addEventListener("click", () => {
    const ver = campo.type === "password";
    campo.type = ver ? "text" : "password";
    boton.setAttribute("aria-pressed", String(ver));
  });
}

/**
 * @param {ClienteMensajeria} cliente
 * @param {Elementos["formulario-ingreso"]} formulario
 */
async function ingresar(cliente, formulario) {
  const { username, password } = formulario;
  const falta = [username, password].find((campo) => !campo.value.trim());
  if (falta)
    return fallar(falta === username ? t("Escribe tu usuario.") : t("Escribe tu contraseña."), falta);
  mostrarError(porId("ingreso-error"), null);
  ocupar(true);
  try {
    await cliente.ingresar(username.value.trim(), password.value);
    formulario.reset();
    for (const campo of [username, password]) campo.removeAttribute("aria-invalid");
  } catch (error) {
    fallar(
      enPalabras(error),
      error instanceof ErrorMensajeria && error.code === "AUTH_INVALID" ? password : null,
    );
  } finally {
    ocupar(false);
  }
}

/**
 * @param {string} texto
 * @param {HTMLElement | null} campo
 */
function fallar(texto, campo) {
  mostrarError(porId("ingreso-error"), texto);
  campo?.setAttribute("aria-invalid", "true");
  campo?.focus();
}

/** @param {boolean} si */
function ocupar(si) {
  const boton = porId("ingresar");
  boton.setAttribute("aria-disabled", String(si));
  /** @type {Element} */ (boton.firstElementChild).textContent = si ? t("Ingresando…") : t("Ingresar");
}

/**
 * Muestra la entrada, con el motivo si la sesión terminó sola.
 *
 * @param {string | null} [motivo]
 */
export function mostrarIngreso(motivo) {
  porId("ingreso").hidden = false;
  porId("mensajeria").hidden = true;
  mostrarError(porId("ingreso-error"), motivo);
  document.documentElement.dataset.arranque = "listo";
  // Quien ya escribía mientras cargaba no pierde su sitio.
  if (!porId("ingreso").contains(document.activeElement)) porId("usuario").focus();
}
