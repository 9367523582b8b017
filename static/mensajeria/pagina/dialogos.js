/** Abre un diálogo modal y devuelve el foco a quien lo abrió. */
export function abrirDialogo(dialogo) {
  const previo = document.activeElement;
  dialogo.addEventListener("close", () => previo?.isConnected && previo.focus(), { once: true });
  dialogo.showModal();
}

/** Los botones `data-cerrar` y el fondo cierran su diálogo. */
export function prepararDialogos() {
  for (const dialogo of document.querySelectorAll("dialog")) {
    dialogo.addEventListener("click", (evento) => {
      if (evento.target === dialogo || evento.target.closest("[data-cerrar]")) dialogo.close();
    });
  }
}
