/**
 * Abre un diálogo modal y devuelve el foco a quien lo abrió.
 *
 * @param {HTMLDialogElement} dialogo
 */
export function abrirDialogo(dialogo) {
  const previo = /** @type {HTMLElement | null} */ (document.activeElement);
  dialogo.addEventListener("close", () => previo?.isConnected && previo.focus(), { once: true });
  dialogo.showModal();
}

/** Los botones `data-cerrar` y el fondo cierran su diálogo. */
export function prepararDialogos() {
  for (const dialogo of document.querySelectorAll("dialog")) prepararDialogo(dialogo);
}

/** @param {HTMLDialogElement} dialogo */
export function prepararDialogo(dialogo) {
  dialogo.addEventListener("click", ({ target }) => {
    if (target instanceof Element && (target === dialogo || target.closest("[data-cerrar]"))) dialogo.close();
  });
}
